import { operations } from '../history.ts';
import { type Checker, violation } from './checker.port.ts';

/** Erasure: what was promised is completed in the ledger, and then no table of any service holds a word of the customer. */
export const erasedIsNowhere: Checker = (history, seen) => {
  const completed = new Set(seen.erasures.flatMap(({ id, isCompleted }) => (isCompleted ? [id] : [])));
  return operations(history, 'erasure').flatMap(({ phase, canary, erasureId }) => {
    if (phase !== 'ok' || erasureId === null) return [];
    return [
      ...(completed.has(erasureId) ? [] : [violation('erasure', 'lost', `the erasure of ${canary} never ended`)]),
      ...seen.canaries
        .filter((one) => one.canary === canary)
        .map(({ place }) => violation('erasure', 'wrong', `${canary} is erased and stands in ${place}`)),
    ];
  });
};
