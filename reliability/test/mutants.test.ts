import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crashPoints } from '../src/crash/crash-points.ts';
import { mutants } from '../src/mutants/catalogue.ts';
import { strikesOn } from '../src/nemesis/nemesis.ts';
import { models } from '../src/simulation/models.ts';

const root = join(import.meta.dirname, '../..');

test.each(mutants)(
  'the fault "$name" can still be built in, and what must see it is still there',
  ({ edits, caughtBy }) => {
    for (const { file, find, replace } of edits) {
      const parts = readFileSync(join(root, file), 'utf8').split(find);
      expect({ file, find, times: parts.length - 1 }).toEqual({ file, find, times: 1 });
      expect(replace).not.toBe(find);
    }
    if (caughtBy.by === 'crash') expect(crashPoints).toEqual(expect.arrayContaining([...caughtBy.at]));
    if (caughtBy.by === 'storm')
      expect(Object.keys(strikesOn('embedded', 1))).toEqual(expect.arrayContaining([...caughtBy.kinds]));
    if (caughtBy.by === 'simulation') expect(models.map(({ name }) => name)).toContain(caughtBy.model);
    if (caughtBy.by === 'test') expect(readFileSync(join(root, caughtBy.file), 'utf8')).toContain(caughtBy.title);
  },
);

test('there are fifteen faults at least, each with a name of its own', () => {
  expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length);
  expect(mutants.length).toBeGreaterThanOrEqual(15);
});
