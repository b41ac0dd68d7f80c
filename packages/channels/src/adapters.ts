export { adapters } from './adapters.generated.ts';
export * from './port/index.ts';
export { elementAt } from './shared/platform-json.ts';
export { cursorSince, hasReached } from './shared/run.ts';
export { sweepThreads } from './shared/thread-sweep.ts';
export * from './shared/ids.ts';
