import { operations } from '../history.ts';
import { type Checker, violation } from './checker.port.ts';

/** Erasure: each accepted erasure is completed in the ledger, and no table of any service holds the planted word any more. */
export const erasedIsNowhere: Checker = (history, seen) => {
  const completed = new Set(seen.erasures.flatMap(({ id, isCompleted }) => (isCompleted ? [id] : [])));
  return operations(history, 'erasure').flatMap(({ phase, canary, erasureId }) => {
    if (phase !== 'ok' || erasureId === null) return [];
    return [
      ...(completed.has(erasureId) ? [] : [violation('erasure', 'lost', `the erasure of ${canary} is not completed`)]),
      ...seen.canaries
        .filter((one) => one.canary === canary)
        .map(({ place }) => violation('erasure', 'wrong', `${canary} is erased but still in ${place}`)),
    ];
  });
};
