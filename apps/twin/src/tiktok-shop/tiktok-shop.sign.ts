import { hmacHex } from '../hmac.ts';

export interface RequestToSign {
  readonly appSecret: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** Raw; left out of the signature of multipart uploads. */
  readonly body: string;
}

export function signRequest({ appSecret, path, query, body }: RequestToSign): string {
  const parameters = [...query]
    .filter(([name]) => name !== 'sign' && name !== 'access_token')
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}${value}`);
  return hmacHex(appSecret, `${appSecret}${path}${parameters.join('')}${body}${appSecret}`);
}

export function signPush(appKey: string, appSecret: string, rawBody: string): string {
  return hmacHex(appSecret, `${appKey}${rawBody}`);
}
