import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crashPoints } from '../src/crash/crash-points.ts';
import { mutants } from '../src/mutants/catalogue.ts';
import { variantOf } from '../src/mutants/mutant-run.ts';
import { strikesOn } from '../src/nemesis/nemesis.ts';
import { models } from '../src/simulation/models.ts';
import { replacedExports } from '../src/stand-ins/stand-in.ts';
import { repository } from '../src/system/place.ts';

test.each(mutants)('the mutant "$name" replaces exports that exist, and what must catch it exists', async (mutant) => {
  const { caughtBy } = mutant;
  for (const standIn of variantOf(mutant)) expect(await replacedExports(standIn)).not.toEqual([]);
  if (caughtBy.by === 'crash') expect(crashPoints).toEqual(expect.arrayContaining([...caughtBy.at]));
  if (caughtBy.by === 'storm')
    expect(Object.keys(strikesOn('embedded', 1))).toEqual(expect.arrayContaining([...caughtBy.kinds]));
  if (caughtBy.by === 'simulation') expect(models.map(({ name }) => name)).toContain(caughtBy.model);
  if (caughtBy.by === 'test') expect(readFileSync(join(repository, caughtBy.file), 'utf8')).toContain(caughtBy.title);
});

test('there are at least fifteen mutants, each with its own name', () => {
  expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length);
  expect(mutants.length).toBeGreaterThanOrEqual(15);
});
