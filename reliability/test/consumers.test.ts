import { expect, test } from '@jest/globals';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crashPoints } from '../src/crash/crash-points.ts';
import { consumers } from '../src/system/consumers.ts';
import { repository } from '../src/system/place.ts';

test('the harness knows every consumer of the services', () => {
  const sources = globSync('services/*/src/consumers/*.ts', { cwd: repository });
  const names = sources.flatMap((file) =>
    [...readFileSync(join(repository, file), 'utf8').matchAll(/\bname: '([a-z]+\.[a-z]+)'/g)].map(
      ([, name = '']) => name,
    ),
  );
  expect(names.toSorted()).toEqual(Object.keys(consumers).toSorted());
  for (const name of names) expect(crashPoints.filter((point) => point.includes(`@${name}:`))).not.toEqual([]);
});
