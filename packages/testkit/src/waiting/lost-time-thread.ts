import { workerData } from 'node:worker_threads';

const pauseMs = 1_000;
const turns = 5_000_000;
/**
 * Duration of the work on a quiet machine (Xeon at 2.1 GHz, measured); a slower machine has more time for everything.
 */
const quietWorkMs = 10;

let result = 1;

/** Long enough that it does not fit into the time that the scheduler grants a thread that has slept. */
function work(): number {
  const startedAt = performance.now();
  for (let turn = 0; turn < turns; turn += 1) {
    result = Math.imul(result ^ turn, 16_777_619);
    result ^= result >>> 13;
  }
  return performance.now() - startedAt;
}

/** The time that passed, minus the part in which this machine worked at the speed of a quiet one. */
function lostSince(endedAt: number, workMs: number): number {
  const passedMs = performance.now() - endedAt;
  const slowness = Math.max(1, workMs / quietWorkMs);
  // If this thread wakes up late, the whole machine stood still.
  const lateMs = Math.max(0, passedMs - pauseMs - workMs);
  return lateMs + (passedMs - lateMs) * (1 - 1 / slowness);
}

function measure(lostMs: Int32Array): void {
  // Until it is compiled the work takes longer.
  for (let round = 0; round < 5; round += 1) work();
  let endedAt = performance.now();
  const next = (): void => {
    const workMs = work();
    Atomics.add(lostMs, 0, Math.round(lostSince(endedAt, workMs)));
    endedAt = performance.now();
    setTimeout(next, pauseMs);
  };
  setTimeout(next, pauseMs);
}

if (workerData instanceof Int32Array) measure(workerData);
