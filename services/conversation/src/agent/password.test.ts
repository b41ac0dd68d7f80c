import { expect, test } from '@jest/globals';
import { createPasswords } from './password.ts';

const passwords = createPasswords(64);
const asker = { lane: 'shop', network: '203.0.113.7' };

async function hashOf(password: string, by = passwords): Promise<string> {
  const hashed = await by.hash(asker, password);
  if (!hashed.ok) throw new Error('the queue is full');
  return hashed.value;
}

const right = { ok: true, value: true };
const wrong = { ok: true, value: false };

test('a password matches its hash and no other does', async () => {
  const stored = await hashOf('correct horse battery');
  expect(await passwords.matches(asker, 'correct horse battery', stored)).toEqual(right);
  expect(await passwords.matches(asker, 'correct horse batterx', stored)).toEqual(wrong);
});

test('nothing matches where no hash is stored', async () => {
  expect(await passwords.matches(asker, '', null)).toEqual(wrong);
});

test('the same password has another hash each time, and the hash says how it was made', async () => {
  const [one, other] = await Promise.all([hashOf('correct horse battery'), hashOf('correct horse battery')]);
  expect(one).not.toBe(other);
  expect(one).toMatch(/^\$argon2id\$v=19\$m=64,t=2,p=1\$/);
});

test('a hash made with other memory still matches', async () => {
  const stored = await hashOf('correct horse battery', createPasswords());
  expect(stored).toContain('m=19456,');
  expect(await passwords.matches(asker, 'correct horse battery', stored)).toEqual(right);
});

test('a composed accent of one keyboard equals the decomposed one of another', async () => {
  expect(await passwords.matches(asker, 'cafe\u0301 au lait ok', await hashOf('caf\u00e9 au lait ok'))).toEqual(right);
});

test('a crowd of one network gets the answer BUSY, and hashing takes little memory', async () => {
  const costly = createPasswords();
  const before = process.memoryUsage().rss;
  let peakBytes = 0;
  const stored = await hashOf('correct horse battery', costly);
  const answers = await Promise.all(
    Array.from({ length: 60 }, async (_, n) => {
      const answer = await costly.matches({ lane: `shop-${n % 10}`, network: 'one' }, 'a guess of mine', stored);
      peakBytes = Math.max(peakBytes, process.memoryUsage().rss - before);
      return answer;
    }),
  );
  // More on a machine so slow that some wait too long.
  expect(answers.filter(({ ok }) => !ok).length).toBeGreaterThanOrEqual(60 - 24 - 2);
  expect(answers.find(({ ok }) => !ok)).toMatchObject({ errors: [{ code: 'BUSY' }] });
  expect(peakBytes).toBeLessThan(100 * 1024 * 1024);
});
