import { expect, test } from '@jest/globals';
import { licenceProblems } from './licences.ts';

const problemsOf = (licence: string, name = 'left-pad') => {
  const stated = / (OR|AND) /.test(licence) ? { expression: licence } : { license: { id: licence } };
  return licenceProblems({ components: [{ name, version: '1.0.0', licenses: licence === '' ? [] : [stated] }] });
};

test.each(['MIT', 'MIT-0', 'Apache-2.0', '(MIT OR GPL-3.0-only)', '(MIT AND BSD-3-Clause)'])(
  '%s is allowed',
  (licence) => {
    expect(problemsOf(licence)).toEqual([]);
  },
);

test.each(['GPL-3.0-only', 'AGPL-3.0-or-later', '(MIT AND GPL-3.0-only)', 'SSPL-1.0', 'Elastic-2.0', ''])(
  '%s is refused with the name of the package',
  (licence) => {
    expect(problemsOf(licence)).toEqual([expect.stringContaining('left-pad@1.0.0')]);
  },
);

test('a package that a person accepted is refused again when its licence changes', () => {
  expect(problemsOf('CC-BY-4.0', 'caniuse-lite')).toEqual([]);
  expect(problemsOf('BUSL-1.1', 'caniuse-lite')).toHaveLength(1);
  expect(problemsOf('GPL-3.0-only', 'ssh2')).toHaveLength(1);
});
