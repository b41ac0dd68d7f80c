import { randomBytes, randomInt } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { headOf, type SealedPlace, seal, unseal } from '../src/runtime/sealing.ts';

const key = { current: randomBytes(32), previous: null };
const place: SealedPlace = { tenantId: 'tenant-1', table: 'channel_account', column: 'sealed_token', row: 'row-1' };
const refused =
  /unable to authenticate|unknown format|another key|Invalid (authentication tag length|initialization vector)/;
const secret = 'canary-9f3b 密码 🔑';

test('a sealed value opens at its place, even if it is empty or long', () => {
  for (const text of [secret, '', 'x'.repeat(100_000)]) expect(unseal(key, place, seal(key, place, text))).toBe(text);
});

test('the same text is sealed differently each time, and cannot be seen in the seal', () => {
  const [one, two] = [seal(key, place, secret), seal(key, place, secret)];
  expect(one).not.toEqual(two);
  expect(one.includes('canary')).toBe(false);
});

test.each(['tenantId', 'table', 'column', 'row'] as const)('it does not open under another %s', (part) => {
  const sealed = seal(key, place, secret);
  expect(() => unseal(key, { ...place, [part]: `${place[part]}x` }, sealed)).toThrow(refused);
});

test('characters cannot be moved from one part of the place to another', () => {
  const sealed = seal(key, { ...place, table: 'asealed_', column: 'sealed_b' }, secret);
  expect(() => unseal(key, { ...place, table: 'a', column: 'sealed_sealed_b' }, sealed)).toThrow(refused);
  const quoted = seal(key, { ...place, table: 'a","sealed_b', column: 'sealed_c' }, secret);
  expect(() => unseal(key, { ...place, table: 'a', column: 'sealed_b","sealed_c' }, quoted)).toThrow(refused);
});

test('it does not open with another key, even if it names that key', () => {
  const other = { current: randomBytes(32), previous: null };
  const sealed = seal(key, place, secret);
  expect(() => unseal(other, place, sealed)).toThrow(refused);
  headOf(other.current).copy(sealed);
  expect(() => unseal(other, place, sealed)).toThrow(refused);
});

test('while the master secret changes, it opens with both keys and seals with the new one', () => {
  const changing = { current: randomBytes(32), previous: key.current };
  expect(unseal(changing, place, seal(key, place, secret))).toBe(secret);
  const sealed = seal(changing, place, secret);
  expect(unseal({ ...changing, previous: null }, place, sealed)).toBe(secret);
  expect(() => unseal(key, place, sealed)).toThrow(refused);
});

test('the sealed key of one value does not open another', () => {
  const [one, two] = [seal(key, place, secret), seal(key, place, secret)];
  expect(() => unseal(key, place, Buffer.concat([one.subarray(0, 69), two.subarray(69)]))).toThrow(refused);
});

test('1,000 random flips of one bit all fail', () => {
  for (let flip = 0; flip < 1_000; flip += 1) {
    const sealed = seal(key, place, secret);
    const at = randomInt(sealed.length);
    sealed[at] = (sealed[at] ?? 0) ^ (1 << randomInt(8));
    expect(() => unseal(key, place, sealed)).toThrow(refused);
  }
});

test('cut off at any length it fails', () => {
  const sealed = seal(key, place, secret);
  for (let length = 0; length < sealed.length; length += 1) {
    expect(() => unseal(key, place, sealed.subarray(0, length))).toThrow(refused);
  }
});
