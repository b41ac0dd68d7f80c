import { BlockedAddress, checkedConnector } from '@crossdesk/service-kit';
import { Agent, type Dispatcher, request } from 'undici';

export interface FileToFetch {
  readonly url: string;
  /** Sent to the host of `url` only: a redirect to another host gets none of them. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly bytesMax: number;
  /** From the first request to the last byte, redirects included. */
  readonly timeoutMs: number;
}

export interface FileSource {
  /** Fetches a file from an address that a person or a platform gave. @throws FileError */
  fetch(file: FileToFetch): Promise<Uint8Array<ArrayBuffer>>;
  close(): Promise<void>;
}

type Reason = 'address' | 'absent' | 'token' | 'size' | 'unreachable';

/** Thrown for a file that cannot be fetched; `mayComeLater` says whether another try may succeed. */
export class FileError extends Error {
  override name = 'FileError';
  readonly reason: Reason;
  readonly mayComeLater: boolean;
  constructor(reason: Reason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
    this.mayComeLater = reason === 'unreachable';
  }
}

const redirectsMax = 3;
const redirectStatuses = [301, 302, 303, 307, 308];

/**
 * Fetches files without giving anybody access to this network: only https on its standard port, the connection goes to
 * the checked address, every redirect is checked like the first address, and time and size are limited. Private addresses, plain
 * http and any port are for tests and sandboxes.
 */
export function createFileSource(allowPrivateAddresses: boolean): FileSource {
  const agent = new Agent({ connect: checkedConnector(allowPrivateAddresses), connections: 8, pipelining: 1 });

  function targetOf(url: string, base?: string): URL {
    const target = URL.canParse(url, base) ? new URL(url, base) : null;
    const isWeb = target?.protocol === 'https:' || (allowPrivateAddresses && target?.protocol === 'http:');
    const isUsualPort = target?.port === '' || allowPrivateAddresses;
    if (target === null || !isWeb || !isUsualPort || target.username !== '' || target.password !== '')
      throw new FileError('address', 'the file must be at an https address without port and user name');
    return target;
  }

  async function follow({ url, headers = {} }: FileToFetch, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const first = targetOf(url);
    let target = first;
    for (let redirects = 0; ; redirects += 1) {
      const given = target.origin === first.origin ? headers : {};
      const response = await request(target, {
        dispatcher: agent,
        method: 'GET',
        headers: { accept: '*/*', ...given },
        signal,
      });
      if (!redirectStatuses.includes(response.statusCode)) return response;
      drop(response.body);
      const location = response.headers['location'];
      if (redirects === redirectsMax || typeof location !== 'string')
        throw new FileError('address', 'the address of the file redirects too often');
      target = targetOf(location, target.href);
    }
  }

  async function fetchFile(file: FileToFetch): Promise<Uint8Array<ArrayBuffer>> {
    const signal = AbortSignal.timeout(file.timeoutMs);
    try {
      const { statusCode, body } = await follow(file, signal);
      if (statusCode === 200) return await readLimited(body, file.bytesMax);
      drop(body);
      throw refusal(statusCode, file.headers !== undefined);
    } catch (cause) {
      if (cause instanceof FileError) throw cause;
      if (cause instanceof BlockedAddress) throw new FileError('address', cause.message, { cause });
      throw new FileError('unreachable', 'the file could not be fetched', { cause });
    }
  }

  return { fetch: fetchFile, close: () => agent.destroy() };
}

function refusal(statusCode: number, hasToken: boolean): FileError {
  const message = `the address of the file answered HTTP ${statusCode}`;
  if (statusCode >= 500 || statusCode === 429) return new FileError('unreachable', message);
  return new FileError(hasToken && statusCode === 401 ? 'token' : 'absent', message);
}

/** The rest of the answer and errors of its connection are ignored. */
function drop(body: Dispatcher.ResponseData['body']): void {
  body.on('error', () => undefined).destroy();
}

async function readLimited(body: Dispatcher.ResponseData['body'], bytesMax: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    length += chunk.byteLength;
    if (length > bytesMax) {
      drop(body);
      throw new FileError('size', `the file is larger than the ${bytesMax} bytes that are accepted: make it smaller`);
    }
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}
