import { expect, test } from '@jest/globals';
import { waitFor } from '@crossdesk/testkit/waiting';
import { patternsIn, problemOf, readPatterns } from './boundaries/patterns.ts';

test('no regular expression of the product backtracks on any text', async () => {
  const patterns = await readPatterns();
  // A glob that matches nothing would pass.
  expect(patterns.length).toBeGreaterThan(100);
  const bySource = new Map(patterns.map((pattern) => [`${pattern.source}/${pattern.flags}`, pattern]));
  const problems: string[] = [];
  for (const pattern of bySource.values()) {
    // In the time of a quiet machine: the check has no limit of its own.
    const problem = await waitFor(`the check of ${pattern.place}`, problemOf(pattern), { withinMs: 30_000 });
    if (problem !== null) problems.push(problem);
  }
  expect(problems).toEqual([]);
}, 120_000);

test('a pattern that backtracks is named with its line and a text that proves it', async () => {
  const source = `const one = 1;\nconst trimmed = path.replace(/\\/+$/, '');\nconst own = new RegExp(text);\n`;
  const patterns = patternsIn('services/crm/src/a.ts', source);
  expect(await Promise.all(patterns.map(problemOf))).toEqual([
    expect.stringMatching(/^services\/crm\/src\/a\.ts:2 \/\\\/\+\$\/ backtracks on '\/'\.repeat\(\d+\)/),
    'services/crm/src/a.ts:3 builds a regular expression: write it as a literal, or compare text',
  ]);
});

test.each([
  ['(a+)+$', false],
  ['(a|a)*$', false],
  ['^\\d{1,15}$', true],
])('/%s/ is linear: %s', async (source, isLinear) => {
  expect((await problemOf({ place: 'a.ts:1', source, flags: '' })) === null).toBe(isLinear);
});
