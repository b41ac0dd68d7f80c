import { expect, test } from '@jest/globals';
import { hmacHex, signCall, verifyPush } from './shopee.sign.ts';
import { account, signed } from './shopee.samples.ts';

const vectorBody =
  '{"msg_id":"m-0001","code":3,"shop_id":700100200,"timestamp":1767225601,"data":{"ordersn":"260101ABCDEF12","status":"READY_TO_SHIP","completed_scenario":"","update_time":1767225600,"items":[]}}';
const vectorSignature = 'a0ec4a7d2bb76585d2f0e8205eb0150214036a6e33f425b9aab2c1d7749c07f9';

const withHeader = (authorization: string) => ({ ...signed(vectorBody), headers: { authorization } });

test.each([
  ['/api/v2/auth/token/get', null, '5cd5bc54b55d4c2e2e970849cfe2c4cc696f1b734c543ef2e9a64cb7db570684'],
  ['/api/v2/order/get_order_detail', '700100200', '88de417914f813a7ef421a82b706a0f32f6d12db702458cab5048f0928959fbe'],
  ['/api/v2/sellerchat/send_message', '700100200', 'a6161a7bb84ac42ec50e46530fcecfabf57ae7d90ad57fb4653973b5c9ad7651'],
  // A merchant id is signed in place of the shop id.
  ['/api/v2/merchant/get_merchant_info', '1100200', '0ec0ef0543c3cb6823fef20e0d8a322a9f80a707855bdbbf11fb0bd371406733'],
])('a call to %s is signed as Shopee computes it', (path, shopId, signature) => {
  expect(signCall(account.credentials, path, '1767225600', shopId)).toBe(signature);
});

test('the published push vector is accepted, in upper case too', () => {
  expect(verifyPush(account, withHeader(vectorSignature))).toEqual({ ok: true });
  expect(verifyPush(account, withHeader(vectorSignature.toUpperCase()))).toEqual({ ok: true });
});

test('a missing signature and a wrong signature are different refusals', () => {
  expect(verifyPush(account, { ...withHeader(''), headers: {} })).toEqual({ ok: false, reason: 'MISSING_SIGNATURE' });
  expect(verifyPush(account, withHeader(''))).toEqual({ ok: false, reason: 'MISSING_SIGNATURE' });
});

test.each([
  ['over the body alone', '5b3e0e40551181df956e5b7cc60a1d12bdfa5e4d0b2a3ad2da5feac4c8448121'],
  ['with the key decoded from hex', '83a6627ee26ee7a6f146854a8306f70e5a0a3f0002f912737f596412ce4aa3e2'],
  ['with a prefix', `sha256=${vectorSignature}`],
  ['too short', vectorSignature.slice(2)],
  ['too long', `${vectorSignature}00`],
  ['sent twice', `${vectorSignature}, ${vectorSignature}`],
  ['no hex', 'z'.repeat(64)],
])('a signature %s is refused', (_, signature) => {
  expect(verifyPush(account, withHeader(signature))).toEqual({ ok: false, reason: 'BAD_SIGNATURE' });
});

test('every single-bit change of the body is refused', () => {
  const original = new TextEncoder().encode(vectorBody);
  for (let bit = 0; bit < original.length * 8; bit += 1) {
    const rawBody = Uint8Array.from(original);
    rawBody[bit >> 3] = (original[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(verifyPush(account, { ...withHeader(vectorSignature), rawBody }).ok).toBe(false);
  }
});

test('the signature covers the callback address, including a final slash', () => {
  const moved = { ...account, webhookUrl: `${account.webhookUrl}/` };
  expect(verifyPush(moved, withHeader(vectorSignature)).ok).toBe(false);
});

test('an account without a key accepts nothing, not even a signature made with an empty key', () => {
  const keyless = { ...account, credentials: { ...account.credentials, partner_key: '' } };
  const forged = hmacHex('', `${account.webhookUrl}|${vectorBody}`);
  expect(verifyPush(keyless, withHeader(forged)).ok).toBe(false);
});
