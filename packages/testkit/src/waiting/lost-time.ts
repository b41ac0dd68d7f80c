import { Worker } from 'node:worker_threads';

/**
 * Starts to measure how slow this machine is, for as long as this process lives: a separate thread does a short piece
 * of work every second and measures its duration. The time beyond that of a quiet machine was lost to other processes.
 * Returns a function that gives the milliseconds lost so far.
 */
export function measureLostTime(): () => number {
  const lostMs = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const thread = new Worker(new URL('./lost-time-thread.ts', import.meta.url), { workerData: lostMs });
  thread.unref();
  return () => Atomics.load(lostMs, 0);
}
