import { Agent, type Dispatcher, request } from 'undici';
import type { Picture } from '@crossdesk/channels/adapters';
import { BlockedAddress, checkedConnector } from './checked-connector.ts';

export interface PictureSourceOptions {
  /** From the first request to the last byte, redirects included. */
  readonly timeoutMs: number;
  /** For tests and sandboxes; plain http and any port are allowed then, too. */
  readonly allowPrivateAddresses: boolean;
}

export interface PictureSource {
  /** Fetches a picture from an address that an agent gave. @throws PictureError */
  fetch(url: string, bytesMax: number): Promise<Picture>;
  close(): Promise<void>;
}

/** Thrown for a picture that cannot be fetched; `mayComeLater` says whether another try may succeed. */
export class PictureError extends Error {
  override name = 'PictureError';
  readonly mayComeLater: boolean;
  constructor(message: string, mayComeLater: boolean, options?: ErrorOptions) {
    super(message, options);
    this.mayComeLater = mayComeLater;
  }
}

const redirectsMax = 3;
const redirectStatuses = [301, 302, 303, 307, 308];

/**
 * Fetches pictures without giving anybody access to this network: only https on its standard port, the connection goes
 * to the checked address, every redirect is checked like the first address, and time and size are limited. No
 * credentials or other data of ours are sent.
 */
export function createPictureSource({ timeoutMs, allowPrivateAddresses }: PictureSourceOptions): PictureSource {
  const agent = new Agent({ connect: checkedConnector(allowPrivateAddresses), connections: 8, pipelining: 1 });

  function targetOf(url: string, base?: string): URL {
    const target = URL.canParse(url, base) ? new URL(url, base) : null;
    const isWeb = target?.protocol === 'https:' || (allowPrivateAddresses && target?.protocol === 'http:');
    const isUsualPort = target?.port === '' || allowPrivateAddresses;
    if (target === null || !isWeb || !isUsualPort || target.username !== '' || target.password !== '')
      throw new PictureError('the picture must be at an https address without port and user name', false);
    return target;
  }

  async function follow(first: URL, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    let target = first;
    for (let redirects = 0; ; redirects += 1) {
      const headers = { accept: 'image/*' };
      const response = await request(target, { dispatcher: agent, method: 'GET', headers, signal });
      if (!redirectStatuses.includes(response.statusCode)) return response;
      drop(response.body);
      const location = response.headers['location'];
      if (redirects === redirectsMax || typeof location !== 'string')
        throw new PictureError('the address of the picture redirects too often', false);
      target = targetOf(location, target.href);
    }
  }

  async function fetchPicture(url: string, bytesMax: number): Promise<Picture> {
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      const { statusCode, body } = await follow(targetOf(url), signal);
      if (statusCode !== 200) {
        drop(body);
        throw new PictureError(
          `the address of the picture answered HTTP ${statusCode}`,
          statusCode >= 500 || statusCode === 429,
        );
      }
      const bytes = await readLimited(body, bytesMax);
      const mimeType = pictureTypeOf(bytes);
      if (mimeType === null)
        throw new PictureError('the file at the address is not a JPEG, PNG, GIF or WebP picture', false);
      return { bytes, mimeType };
    } catch (cause) {
      if (cause instanceof PictureError) throw cause;
      const isBlocked = cause instanceof BlockedAddress;
      throw new PictureError(isBlocked ? cause.message : 'the picture could not be fetched', !isBlocked, { cause });
    }
  }

  return { fetch: fetchPicture, close: () => agent.destroy() };
}

/** The rest of the answer and errors of its connection are ignored. */
function drop(body: Dispatcher.ResponseData['body']): void {
  body.on('error', () => undefined).destroy();
}

async function readLimited(body: Dispatcher.ResponseData['body'], bytesMax: number): Promise<Picture['bytes']> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    length += chunk.byteLength;
    if (length > bytesMax) {
      drop(body);
      throw new PictureError(
        `the picture is larger than the ${bytesMax} bytes the channel takes: make it smaller`,
        false,
      );
    }
    chunks.push(chunk);
  }
  return Uint8Array.from(Buffer.concat(chunks));
}

/**
 * The type by the first bytes, since the server's own claim is not reliable. Null for everything that is no picture.
 */
export function pictureTypeOf(bytes: Uint8Array): string | null {
  const start = Buffer.from(bytes.subarray(0, 12)).toString('latin1');
  if (start.startsWith('\u00ff\u00d8\u00ff')) return 'image/jpeg';
  if (start.startsWith('\u0089PNG\r\n\u001a\n')) return 'image/png';
  if (/^GIF8[79]a/.test(start)) return 'image/gif';
  return start.startsWith('RIFF') && start.slice(8) === 'WEBP' ? 'image/webp' : null;
}
