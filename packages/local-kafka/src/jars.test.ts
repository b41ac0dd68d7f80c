import { afterEach, expect, test } from '@jest/globals';
import { whyNoKafka } from './jars.ts';

const given = process.env['XDG_CACHE_HOME'];

afterEach(() => {
  if (given === undefined) delete process.env['XDG_CACHE_HOME'];
  else process.env['XDG_CACHE_HOME'] = given;
});

test('a cache that is not writable is reported before anything is fetched', () => {
  process.env['XDG_CACHE_HOME'] = '/dev/null/cache';
  expect(whyNoKafka()).toMatch(/^\/dev\/null\/cache\/crossdesk cannot be written: set XDG_CACHE_HOME|not found/);
});
