import { createHmac, timingSafeEqual } from 'node:crypto';
import type { ChannelAccount, Verification, WebhookAnswer, WebhookRequest } from '../../channel/channel.port.ts';

const signatureHeader = /^sha256=([0-9a-fA-F]{64})$/;

/** Meta signs the raw bytes with the app secret: `X-Hub-Signature-256: sha256=<hex>`. */
export function verifySignature(account: ChannelAccount, request: WebhookRequest): Verification {
  const header = request.headers['x-hub-signature-256'];
  if (header === undefined || header === '') return { ok: false, reason: 'MISSING_SIGNATURE' };
  const hex = signatureHeader.exec(header)?.[1];
  if (hex === undefined) return { ok: false, reason: 'BAD_SIGNATURE' };
  const given = Buffer.from(hex, 'hex');
  const isSigned = appSecrets(account).some((secret) =>
    timingSafeEqual(given, createHmac('sha256', secret).update(request.rawBody).digest()),
  );
  return isSigned ? { ok: true } : { ok: false, reason: 'BAD_SIGNATURE' };
}

function appSecrets({ credentials }: ChannelAccount): string[] {
  const { app_secret: current = '', app_secret_previous: previous = '' } = credentials;
  return [current, previous].filter((secret) => secret !== '');
}

/** Answers `GET ?hub.mode=subscribe&hub.verify_token=..&hub.challenge=..` with the bare challenge. */
export function answerHandshake(account: ChannelAccount, request: WebhookRequest): WebhookAnswer | null {
  const mode = request.query['hub.mode'];
  if (request.method !== 'GET' || mode === undefined) return null;
  const challenge = request.query['hub.challenge'] ?? '';
  const isKnown = mode === 'subscribe' && isVerifyToken(account, request.query['hub.verify_token'] ?? '');
  if (!isKnown || challenge === '')
    return { status: 403, contentType: 'text/plain; charset=utf-8', body: 'verify token does not match' };
  return { status: 200, contentType: 'text/plain; charset=utf-8', body: challenge };
}

function isVerifyToken({ credentials }: ChannelAccount, given: string): boolean {
  const expected = Buffer.from(credentials['verify_token'] ?? '');
  const candidate = Buffer.from(given);
  return expected.length > 0 && expected.length === candidate.length && timingSafeEqual(expected, candidate);
}
