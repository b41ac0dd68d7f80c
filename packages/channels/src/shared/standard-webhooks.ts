import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import type { Endpoint, Verification, WebhookAddress, WebhookRequest } from '../port/index.ts';
import { keyOfSecret } from './credential-rules.ts';
import { activeSecrets, isOneOf } from './signature.ts';

export const toleranceMs = 5 * 60_000;

/** Checks a Standard Webhooks signature over the unchanged bytes, and its time against the time of receipt. */
export function verifySignature(address: WebhookAddress, request: WebhookRequest): Verification {
  const id = request.headers['webhook-id'] ?? '';
  const timestamp = request.headers['webhook-timestamp'] ?? '';
  const signatures = request.headers['webhook-signature'] ?? '';
  if (id === '' || timestamp === '' || signatures === '') return { ok: false, reason: 'MISSING_SIGNATURE' };
  // With a dot in the id, one signature would be valid for two different splits into id, time and body.
  if (id.includes('.') || !/^\d{1,12}$/.test(timestamp)) return { ok: false, reason: 'BAD_SIGNATURE' };
  const given = signatures.split(' ').map((signature) => Buffer.from(signature));
  const expected = keysOf(address).map((key) => Buffer.from(signatureOf(key, id, Number(timestamp), request.rawBody)));
  const isSigned = given.map((candidate) => isOneOf(candidate, expected)).includes(true);
  if (!isSigned) return { ok: false, reason: 'BAD_SIGNATURE' };
  const ageMs = Math.abs(request.receivedAt.getTime() - Number(timestamp) * 1_000);
  return ageMs <= toleranceMs ? { ok: true } : { ok: false, reason: 'STALE_TIMESTAMP' };
}

export function signatureOf(key: KeyObject, id: string, timestamp: number, body: string | Uint8Array): string {
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64')}`;
}

/** The keys of every active secret. */
export function keysOf({ credentials }: Pick<Endpoint, 'credentials'>): KeyObject[] {
  return activeSecrets(credentials, 'signing_secret').flatMap(keyOf);
}

/**
 * No key for a secret that is absent or not base64: it can sign nothing, and `verify` never throws. A key object, because
 * OpenSSL takes five times as long to start with plain bytes.
 */
function keyOf(secret: string): KeyObject[] {
  const bytes = keyOfSecret(secret);
  return bytes === null ? [] : [createSecretKey(bytes)];
}
