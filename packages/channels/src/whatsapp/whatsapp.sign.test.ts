import { describe, expect, test } from '@jest/globals';
import type { WebhookRequest } from '../port/index.ts';
import { account, signed } from './whatsapp.samples.ts';
import { answerHandshake, verifySignature } from './whatsapp.sign.ts';

// By Meta's scheme, checked with the verifier of whatsapp-api-js. The \u escapes are characters of the body.
const vectorBody = String.raw`{"object":"page","entry":[{"id":"1111","time":1700000000000,"messaging":[{"sender":{"id":"2222"},"recipient":{"id":"1111"},"timestamp":1700000000000,"message":{"mid":"m_demo1","text":"caf\u00e9 \ud83d\ude00"}}]}]}`;
const vectorHex = '36489ed44eecea674e46bf43cffd92790e85d0f21d22101e63364a871b53df1d';

function vector(header: string, body = vectorBody): WebhookRequest {
  return { ...signed(body), headers: { 'x-hub-signature-256': header } };
}

describe('signature', () => {
  test('the worked example is accepted, in lower and upper case hex', () => {
    expect(Buffer.byteLength(vectorBody)).toBe(213);
    expect(verifySignature(account, vector(`sha256=${vectorHex}`))).toEqual({ ok: true });
    expect(verifySignature(account, vector(`sha256=${vectorHex.toUpperCase()}`))).toEqual({ ok: true });
  });

  test('the same JSON serialised again is refused', () => {
    const again = JSON.stringify(JSON.parse(vectorBody));
    expect(verifySignature(account, vector(`sha256=${vectorHex}`, again)).ok).toBe(false);
    expect(signed(again).headers['x-hub-signature-256']).toBe(
      'sha256=17c317e94b11f7174995b60f218ea3aff4d2afa3d9dd91280f6959d3a99f81c9',
    );
  });

  test.each([
    vectorHex,
    `sha1=${vectorHex}`,
    `SHA256=${vectorHex}`,
    'sha256=',
    `sha256=${vectorHex.slice(2)}`,
    `sha256=${vectorHex}00`,
  ])('the header %j is refused', (header) => {
    expect(verifySignature(account, vector(header))).toEqual({ ok: false, reason: 'BAD_SIGNATURE' });
  });

  test('an account without app secret accepts nothing, not even an empty key', () => {
    const withoutSecret = { ...account, credentials: { app_secret: '' } };
    expect(verifySignature(withoutSecret, signed(vectorBody, '')).ok).toBe(false);
  });
});

describe('handshake', () => {
  const ask = (query: Record<string, string>): WebhookRequest => ({ ...signed(''), method: 'GET', headers: {}, query });
  const asked = { 'hub.mode': 'subscribe', 'hub.verify_token': 'demo_verify_token', 'hub.challenge': '1158201444' };

  test('the answer is the bare challenge when the token is ours', () => {
    expect(answerHandshake(account, ask(asked))).toEqual({
      status: 200,
      contentType: 'text/plain; charset=utf-8',
      body: '1158201444',
    });
  });

  test.each([
    { 'hub.verify_token': 'demo_verify_tokem' },
    { 'hub.verify_token': '' },
    { 'hub.verify_token': 'demo_verify_token2' },
    { 'hub.mode': 'unsubscribe' },
    { 'hub.challenge': '' },
  ])('%j is answered with 403', (wrong) => {
    expect(answerHandshake(account, ask({ ...asked, ...wrong }))).toMatchObject({ status: 403 });
  });

  test('an account without verify token answers 403 to an empty one', () => {
    const withoutToken = { ...account, credentials: {} };
    expect(answerHandshake(withoutToken, ask({ ...asked, 'hub.verify_token': '' }))).toMatchObject({ status: 403 });
  });

  test('a delivery is no handshake', () => {
    expect(answerHandshake(account, signed('{}'))).toBeNull();
    expect(answerHandshake(account, ask({}))).toBeNull();
  });
});
