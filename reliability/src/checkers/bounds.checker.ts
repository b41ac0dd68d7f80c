import { operations } from '../history.ts';
import { type Checker, violation } from './checker.port.ts';

/** One process with all services: measured 190-260 MB under these loads. */
const memoryMbMax = 700;
/** Six pools of 8, the log, relays and jobs of five services need fewer; Postgres is started with 200. */
const connectionsMax = 120;

/** I9: all work is done in time after the last trouble, with bounded memory and connections. */
export const boundedAndBackToQuiet: Checker = (history) => [
  ...operations(history, 'quiet').flatMap(({ tookMs, waitingFor }) =>
    tookMs === null ? [violation('I9', 'wrong', `not quiet in time: ${waitingFor.join(', ')}`)] : [],
  ),
  ...operations(history, 'sample').flatMap(({ memoryMb, connections }) => [
    ...(memoryMb > memoryMbMax ? [violation('I9', 'wrong', `${memoryMb} MB of memory`)] : []),
    ...(connections > connectionsMax ? [violation('I9', 'wrong', `${connections} database connections`)] : []),
  ]),
];
