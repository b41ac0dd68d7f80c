import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { expect, test } from '@jest/globals';
import { limitedBody } from './limited-body.ts';

const hash = () => createHash('sha256');
const read = (body: AsyncIterable<Uint8Array>, bytes: number, idleMsMax = 10_000) =>
  buffer(Readable.from(limitedBody(body, { bytes, idleMsMax, hash: hash() })));

test('a body of the announced length passes unchanged, with its hash', async () => {
  const digest = hash();
  const body = limitedBody(Readable.from([Buffer.from('ab'), Buffer.from('c')]), {
    bytes: 3,
    idleMsMax: 10_000,
    hash: digest,
  });
  expect((await buffer(Readable.from(body))).toString()).toBe('abc');
  expect(digest.digest()).toEqual(hash().update('abc').digest());
});

test.each([1, 2, 4, 100])('a body of 3 bytes is refused when %d were announced', async (bytes) => {
  const refused = read(Readable.from([Buffer.from('ab'), Buffer.from('c')]), bytes);
  await expect(refused).rejects.toMatchObject({ code: 'WRONG_LENGTH' });
});

test('a body that stands still is ended', async () => {
  let isEnded = false;
  const body: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise(() => undefined),
      return: async () => {
        isEnded = true;
        return { done: true, value: undefined };
      },
    }),
  };
  await expect(read(body, 3, 5)).rejects.toMatchObject({ code: 'TOO_SLOW' });
  expect(isEnded).toBe(true);
});
