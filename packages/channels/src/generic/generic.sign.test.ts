import { describe, expect, test } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import type { WebhookRequest } from '../port/index.ts';
import { account, secret } from './generic.samples.ts';
import { verifySignature } from '../shared/standard-webhooks.ts';
import { signedHeaders } from './generic.sign.ts';

// The npm packages standardwebhooks and svix give the same signature.
const vector = {
  body: '{"type":"ticket.created","timestamp":"2026-01-02T03:04:05Z","data":{"id":"T-1"}}',
  id: 'msg_demo0001',
  timestamp: '1767322800',
  signature: 'v1,FUV0Tf9Waq/0ohTaXrDJQ7qHfeQa8e3C++ki8cd7NTY=',
};
const secondSecret = 'whsec_ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=';

function delivery(headers: Record<string, string> = {}, afterSeconds = 0): WebhookRequest {
  return {
    method: 'POST',
    headers: {
      'webhook-id': vector.id,
      'webhook-timestamp': vector.timestamp,
      'webhook-signature': vector.signature,
      ...headers,
    },
    query: {},
    rawBody: new TextEncoder().encode(vector.body),
    receivedAt: new Date((Number(vector.timestamp) + afterSeconds) * 1000),
  };
}

describe('inbound', () => {
  test('the published vector is accepted up to five minutes before or after its time', () => {
    for (const afterSeconds of [0, 300, -300])
      expect(verifySignature(account, delivery({}, afterSeconds))).toEqual({ ok: true });
    for (const afterSeconds of [301, -301])
      expect(verifySignature(account, delivery({}, afterSeconds))).toEqual({ ok: false, reason: 'STALE_TIMESTAMP' });
  });

  test('one matching signature among others is enough, and unknown versions are ignored', () => {
    const other = new Webhook(secondSecret).sign(vector.id, new Date(1767322800_000), vector.body);
    expect(verifySignature(account, delivery({ 'webhook-signature': `v1a,abc ${other} ${vector.signature}` })).ok).toBe(
      true,
    );
    expect(verifySignature(account, delivery({ 'webhook-signature': `v1a,abc ${other}` })).ok).toBe(false);
    expect(verifySignature(account, delivery({ 'webhook-signature': vector.signature.replace('v1,', 'v2,') })).ok).toBe(
      false,
    );
  });

  test.each(['webhook-id', 'webhook-timestamp', 'webhook-signature'])('a delivery without %s is refused', (name) => {
    expect(verifySignature(account, delivery({ [name]: '' }))).toEqual({ ok: false, reason: 'MISSING_SIGNATURE' });
  });

  test('the signature covers id and time', () => {
    expect(verifySignature(account, delivery({ 'webhook-id': 'msg_demo0002' })).ok).toBe(false);
    for (const timestamp of ['1767322801', '1767322800.5', '1767322800x', '-1', 'NaN'])
      expect(verifySignature(account, delivery({ 'webhook-timestamp': timestamp })).ok).toBe(false);
  });

  test('a signature cannot be moved to another split of id, time and body', () => {
    const id = 'msg.1767322700';
    const signature = new Webhook(secret).sign(id, new Date(1767322800_000), vector.body);
    expect(verifySignature(account, delivery({ 'webhook-id': id, 'webhook-signature': signature })).ok).toBe(false);
  });

  test('an absent or malformed secret accepts nothing and throws nothing', () => {
    for (const broken of ['', 'whsec_', 'whsec_%%%', 'é'])
      expect(verifySignature({ ...account, credentials: { signing_secret: broken } }, delivery()).ok).toBe(false);
  });
});

describe('outbound', () => {
  test('our headers pass the verifier of the library', () => {
    const now = new Date();
    const headers = signedHeaders(account, 'msg_1', now, vector.body);
    expect(new Webhook(secret).verify(vector.body, headers)).toEqual(JSON.parse(vector.body));
  });

  test('while the secret is replaced, the receiver may check with either one', () => {
    const changing = { ...account, credentials: { signing_secret: secondSecret, signing_secret_previous: secret } };
    const headers = signedHeaders(changing, 'msg_1', new Date(), vector.body);
    for (const known of [secret, secondSecret])
      expect(new Webhook(known).verify(vector.body, headers)).toEqual(JSON.parse(vector.body));
  });
});
