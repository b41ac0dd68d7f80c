import { operations } from '../history.ts';
import { type Checker, violation } from './checker.port.ts';

/** How long people may wait for a list while a herd comes back. */
const slowestMsMax = 10_000;

/** I9: after an outage everybody who was connected is back, and the queries of others were answered meanwhile. */
export const herdComesBack: Checker = (history) =>
  operations(history, 'herd').flatMap(({ kind, size, found, unanswered, slowestMs }) => [
    ...(found < size ? [violation('I9', 'lost', `${kind}: ${size - found} were not back in time`)] : []),
    ...(unanswered > 0 ? [violation('I9', 'wrong', `${kind}: ${unanswered} queries were not answered`)] : []),
    ...(slowestMs > slowestMsMax
      ? [violation('I9', 'wrong', `${kind}: a query took ${Math.round(slowestMs)} ms`)]
      : []),
  ]);
