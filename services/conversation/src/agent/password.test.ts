import { expect, test } from '@jest/globals';
import { createPasswords } from './password.ts';

const passwords = createPasswords(1_024);

test('a password matches its hash and no other does', async () => {
  const stored = await passwords.hash('correct horse battery');
  expect(await passwords.matches('correct horse battery', stored)).toBe(true);
  expect(await passwords.matches('correct horse batterx', stored)).toBe(false);
});

test('nothing matches where no hash is stored', async () => {
  expect(await passwords.matches('', null)).toBe(false);
});

test('the same password has another hash each time, and the hash says how it was made', async () => {
  const [one, other] = await Promise.all([
    passwords.hash('correct horse battery'),
    passwords.hash('correct horse battery'),
  ]);
  expect(one).not.toBe(other);
  expect(one).toMatch(/^scrypt\$1024\$/);
});

test('a hash made at another cost still matches', async () => {
  const stored = await createPasswords(2_048).hash('correct horse battery');
  expect(await passwords.matches('correct horse battery', stored)).toBe(true);
});

test('a composed accent of one keyboard equals the decomposed one of another', async () => {
  expect(await passwords.matches('cafe\u0301 au lait ok', await passwords.hash('caf\u00e9 au lait ok'))).toBe(true);
});
