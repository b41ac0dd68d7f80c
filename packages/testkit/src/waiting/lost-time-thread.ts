import { workerData } from 'node:worker_threads';

const pauseMs = 1_000;
const turns = 5_000_000;
/** What the work takes on a quiet machine (Xeon at 2.1 GHz, measured); a slower machine has more time for everything. */
const quietWorkMs = 10;

let result = 1;

/** Long enough that it cannot be done with what the scheduler grants a thread that has slept. */
function work(): number {
  const startedAt = performance.now();
  for (let turn = 0; turn < turns; turn += 1) {
    result = Math.imul(result ^ turn, 16_777_619);
    result ^= result >>> 13;
  }
  return performance.now() - startedAt;
}

/** Time that passed, less the part that this machine did at the speed of a quiet one. */
function lostSince(endedAt: number, workMs: number): number {
  const passedMs = performance.now() - endedAt;
  const slowness = Math.max(1, workMs / quietWorkMs);
  // Who wakes up late was not there at all: the whole machine stood still.
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
