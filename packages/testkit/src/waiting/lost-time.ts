import { Worker } from 'node:worker_threads';

/**
 * Starts to measure how slow this machine is, for as long as this process lives: a thread of its own does a short piece of
 * work every second and looks how long that took. What it took longer than on a quiet machine was lost to others.
 * Returns the milliseconds that were lost so far.
 */
export function measureLostTime(): () => number {
  const lostMs = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const thread = new Worker(new URL('./lost-time-thread.ts', import.meta.url), { workerData: lostMs });
  thread.unref();
  return () => Atomics.load(lostMs, 0);
}
