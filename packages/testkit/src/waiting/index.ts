// A separate entry for tests that need only this: the whole testkit loads a database driver and the product's kit.
export { startStopwatch } from './stopwatch.ts';
export { eventually, until, waitFor } from './wait-for.ts';
