import { createHmac } from 'node:crypto';
import { isSameText } from '../hmac.ts';

const toleranceSeconds = 300;

export interface SignedHeaders {
  readonly id: string;
  readonly timestamp: string;
  readonly signature: string;
}

/** Standard Webhooks v1. The secret is base64 behind "whsec_". */
export function sign(secret: string, id: string, timestamp: number, rawBody: string): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${rawBody}`).digest('base64')}`;
}

/** While a secret is being replaced there may be several signatures, separated by spaces: one match is enough. */
export function isSigned(secret: string, headers: SignedHeaders, rawBody: string, nowSeconds: number): boolean {
  if (headers.id === '' || !/^\d{1,12}$/.test(headers.timestamp)) return false;
  const timestamp = Number(headers.timestamp);
  if (Math.abs(nowSeconds - timestamp) > toleranceSeconds) return false;
  const expected = sign(secret, headers.id, timestamp, rawBody);
  return headers.signature.split(' ').some((candidate) => isSameText(candidate, expected));
}
