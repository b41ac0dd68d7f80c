import { expect, test } from '@jest/globals';
import { models } from '../src/simulation/models.ts';
import { simulateSender } from '../src/simulation/sender.model.ts';
import { simulate } from '../src/simulation/simulate.ts';

test.each(models)('$name keeps every invariant on every tape', (model) => {
  expect(simulate(model, 20_260_101, 200)).toMatchObject({ violations: [], tape: null, runs: 200 });
});

test('the model finds a platform that executes after it was read back: the reply is sent twice', () => {
  const isTooLate = {
    name: 'too late',
    run: (tape: readonly number[]) => simulateSender({ effectClass: 'readable', lateMsMax: 60_000 }, tape),
  };
  const { violations } = simulate(isTooLate, 1, 2_000);
  expect(violations).toContainEqual(expect.objectContaining({ check: 'I6', kind: 'doubled' }));
});

test('the same tape gives the same violations', () => {
  const isTooLate = (tape: readonly number[]) => simulateSender({ effectClass: 'readable', lateMsMax: 60_000 }, tape);
  const { tape, violations } = simulate({ name: 'too late', run: isTooLate }, 1, 2_000);
  expect(isTooLate(tape ?? [])).toEqual(violations);
});
