import { createHmac } from 'node:crypto';
import type { Verification, WebhookAddress, WebhookAnswer, WebhookRequest } from '../port/index.ts';
import { activeSecrets, isOneOf } from '../shared/signature.ts';

const signatureHeader = /^sha256=([0-9a-fA-F]{64})$/;

/** Meta signs the raw bytes with the app secret: `X-Hub-Signature-256: sha256=<hex>`. */
export function verifySignature(address: WebhookAddress, request: WebhookRequest): Verification {
  const header = request.headers['x-hub-signature-256'];
  if (header === undefined || header === '') return { ok: false, reason: 'MISSING_SIGNATURE' };
  const hex = signatureHeader.exec(header)?.[1];
  if (hex === undefined) return { ok: false, reason: 'BAD_SIGNATURE' };
  const digests = activeSecrets(address.credentials, 'app_secret').map((secret) =>
    createHmac('sha256', secret).update(request.rawBody).digest(),
  );
  return isOneOf(Buffer.from(hex, 'hex'), digests) ? { ok: true } : { ok: false, reason: 'BAD_SIGNATURE' };
}

/** Answers `GET ?hub.mode=subscribe&hub.verify_token=..&hub.challenge=..` with the bare challenge. */
export function answerHandshake(address: WebhookAddress, request: WebhookRequest): WebhookAnswer | null {
  const mode = request.query['hub.mode'];
  if (request.method !== 'GET' || mode === undefined) return null;
  const challenge = request.query['hub.challenge'] ?? '';
  const isKnown = mode === 'subscribe' && isVerifyToken(address, request.query['hub.verify_token'] ?? '');
  if (!isKnown || challenge === '')
    return { status: 403, contentType: 'text/plain; charset=utf-8', body: 'verify token does not match' };
  return { status: 200, contentType: 'text/plain; charset=utf-8', body: challenge };
}

function isVerifyToken({ credentials }: WebhookAddress, given: string): boolean {
  const expected = credentials['verify_token'] ?? '';
  return expected !== '' && isOneOf(Buffer.from(given), [Buffer.from(expected)]);
}
