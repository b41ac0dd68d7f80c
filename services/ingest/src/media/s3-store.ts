import { AwsClient } from 'aws4fetch';
import { Readable } from 'node:stream';
import { request } from 'undici';
import type { ByteStore } from './byte-store.ts';

export interface S3Options {
  /** The address of the service, without the bucket and without a slash at the end. */
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

const timeoutMs = 60_000;
/** As long as a person may take to bring a file. */
const streamTimeoutMs = 600_000;
const textCharactersMax = 300;

/** Keeps bytes in a bucket of any service with the S3 interface, addressed by path (ADR 0052). */
export function createS3Store({ endpoint, bucket, ...credentials }: S3Options): ByteStore {
  const client = new AwsClient({ ...credentials, service: 's3', retries: 2 });
  const call = (name: string, init: RequestInit) =>
    client.fetch(`${endpoint}/${bucket}/${name}`, { ...init, signal: AbortSignal.timeout(timeoutMs) });
  return {
    async put(name, bytes, mimeType) {
      await need(await call(name, { method: 'PUT', body: bytes, headers: { 'content-type': mimeType } }), 'put');
    },
    async putStream(name, { chunks, bytes, mimeType }) {
      const url = `${endpoint}/${bucket}/${name}`;
      const signed = await client.sign(url, { method: 'PUT', headers: { 'content-type': mimeType } });
      // `fetch` sends a stream in pieces of unknown length, which S3 refuses.
      const answer = await request(url, {
        method: 'PUT',
        headers: { ...Object.fromEntries(signed.headers), 'content-length': String(bytes) },
        body: Readable.from(chunks, { objectMode: false }),
        signal: AbortSignal.timeout(streamTimeoutMs),
      });
      await need(new Response(await answer.body.text(), { status: answer.statusCode }), 'put');
    },
    async read(name, range) {
      const headers = range === null ? {} : { range: `bytes=${range.start}-${range.end}` };
      const response = await call(name, { method: 'GET', headers });
      if (response.status === 404) return drop(response);
      await need(response, 'read');
      return response.body === null ? Readable.from([]) : Readable.fromWeb(response.body);
    },
    async remove(name) {
      const response = await call(name, { method: 'DELETE' });
      if (response.status === 404) await drop(response);
      else await need(response, 'remove');
    },
  };
}

async function drop(response: Response): Promise<null> {
  await response.body?.cancel();
  return null;
}

/** The answer names the cause, such as AccessDenied or NoSuchBucket. */
async function need(response: Response, what: string): Promise<void> {
  if (response.ok) return;
  const text = (await response.text()).slice(0, textCharactersMax);
  throw new Error(`the media store answered HTTP ${response.status} to ${what}: ${text}`);
}
