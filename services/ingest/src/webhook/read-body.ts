import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';

/** The largest delivery of a platform: Meta sends up to 3 MB. */
export const webhookBytesMax = 3 * 1024 * 1024;

/** A sender that is slower keeps the place of other bodies: 3 MB in this time are 300 KB a second. */
const bodyMsMax = 10_000;

type Unpack = (packed: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>;

const unpackers: Readonly<Record<string, Unpack>> = {
  gzip: promisify<Buffer, { maxOutputLength: number }, Buffer>(gunzip),
  'x-gzip': promisify<Buffer, { maxOutputLength: number }, Buffer>(gunzip),
  deflate: promisify<Buffer, { maxOutputLength: number }, Buffer>(inflate),
  br: promisify<Buffer, { maxOutputLength: number }, Buffer>(brotliDecompress),
};

export class UnreadableBody extends Error {
  override name = 'UnreadableBody';
  readonly reason: 'too_large' | 'too_slow' | 'unreadable';
  constructor(reason: UnreadableBody['reason'], options?: ErrorOptions) {
    super(`the body of a delivery is ${reason}`, options);
    this.reason = reason;
  }
}

/** The bytes that a request needs in memory, according to its headers. */
export function bytesOf(headers: IncomingMessage['headers']): number {
  const length = headers['content-length'];
  const isKnown = length !== undefined && headers['content-encoding'] === undefined;
  return isKnown ? Math.min(Number(length), webhookBytesMax) : isEmpty(headers) ? 0 : webhookBytesMax;
}

function isEmpty(headers: IncomingMessage['headers']): boolean {
  return headers['content-length'] === undefined && headers['transfer-encoding'] === undefined;
}

/**
 * Reads a body whatever its content type, unpacked: platforms sign what they packed. @throws UnreadableBody
 */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const packed = await readBytes(request);
  const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  if (encoding === 'identity' || encoding === '' || packed.length === 0) return packed;
  const unpack = unpackers[encoding];
  if (unpack === undefined) throw new UnreadableBody('unreadable');
  try {
    return await unpack(packed, { maxOutputLength: webhookBytesMax });
  } catch (cause) {
    const code: unknown = typeof cause === 'object' && cause !== null ? Reflect.get(cause, 'code') : null;
    const isTooLarge = code === 'ERR_BUFFER_TOO_LARGE';
    throw new UnreadableBody(isTooLarge ? 'too_large' : 'unreadable', { cause });
  }
}

async function readBytes(request: IncomingMessage): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > webhookBytesMax) throw new UnreadableBody('too_large');
  const chunks: Buffer[] = [];
  let bytes = 0;
  const timer = setTimeout(() => request.destroy(new UnreadableBody('too_slow')), bodyMsMax);
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > webhookBytesMax) throw new UnreadableBody('too_large');
      chunks.push(chunk);
    }
  } catch (cause) {
    throw cause instanceof UnreadableBody ? cause : new UnreadableBody('unreadable', { cause });
  } finally {
    clearTimeout(timer);
  }
  return Buffer.concat(chunks, bytes);
}
