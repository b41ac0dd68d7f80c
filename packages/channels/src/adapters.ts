export { adapters } from './adapters.generated.ts';
export * from './port/index.ts';
export { sweepThreads } from './shared/thread-sweep.ts';
