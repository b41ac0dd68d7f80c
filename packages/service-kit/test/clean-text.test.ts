import { expect, test } from '@jest/globals';
import { cleaned } from '../src/runtime/clean-text.ts';

test('text that Postgres cannot store is cleaned at any depth, everything else stays', () => {
  const at = new Date(0);
  const value = { a: 'x\0y', list: ['\ud83d', '😀', 7, null, true], inner: { k: '\udc00!' }, at };
  expect(cleaned(value)).toEqual({ a: 'xy', list: ['\ufffd', '😀', 7, null, true], inner: { k: '\ufffd!' }, at });
});
