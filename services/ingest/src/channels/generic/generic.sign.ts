import { timingSafeEqual } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import type { ChannelAccount, Verification, WebhookRequest } from '../../channel/channel.port.ts';

const toleranceMs = 5 * 60_000;

/**
 * Checks a Standard Webhooks signature. The library computes it; the time is compared here, because the library only
 * knows the clock of the machine and a delivery is judged by the instant it was received.
 */
export function verifySignature(account: ChannelAccount, request: WebhookRequest): Verification {
  const id = request.headers['webhook-id'] ?? '';
  const timestamp = request.headers['webhook-timestamp'] ?? '';
  const signatures = request.headers['webhook-signature'] ?? '';
  if (id === '' || timestamp === '' || signatures === '') return { ok: false, reason: 'MISSING_SIGNATURE' };
  // A dot in the id would let one signature stand for two splits into id, time and body.
  const body = utf8(request.rawBody);
  if (body === null || id.includes('.') || !/^\d{1,12}$/.test(timestamp)) return { ok: false, reason: 'BAD_SIGNATURE' };
  const sentAt = new Date(Number(timestamp) * 1000);
  const given = signatures.split(' ').map((signature) => Buffer.from(signature));
  const expected = signers(account).map((signer) => Buffer.from(signer.sign(id, sentAt, body)));
  const isSigned = expected.some((signature) =>
    given.some((candidate) => candidate.length === signature.length && timingSafeEqual(candidate, signature)),
  );
  if (!isSigned) return { ok: false, reason: 'BAD_SIGNATURE' };
  const ageMs = Math.abs(request.receivedAt.getTime() - sentAt.getTime());
  return ageMs <= toleranceMs ? { ok: true } : { ok: false, reason: 'STALE_TIMESTAMP' };
}

/** Headers for a body of ours: signed with every active secret, so that the receiver may change over at his own time. */
export function signedHeaders(account: ChannelAccount, id: string, at: Date, body: string): Record<string, string> {
  return {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': signers(account)
      .map((signer) => signer.sign(id, at, body))
      .join(' '),
  };
}

function signers({ credentials }: ChannelAccount): Webhook[] {
  const { signing_secret: current = '', signing_secret_previous: previous = '' } = credentials;
  return [current, previous].flatMap(signerOf);
}

/** None for a secret that is absent or no base64: it can sign nothing, and `verify` never throws. */
function signerOf(secret: string): Webhook[] {
  if (secret === '') return [];
  try {
    return [new Webhook(secret)];
  } catch {
    return [];
  }
}

function utf8(rawBody: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(rawBody);
  } catch {
    return null;
  }
}
