import { run, type RunReport } from '../run.ts';
import type { Variant } from '../stand-ins/stand-in.ts';
import type { Server } from '../system/server.ts';
import type { Log } from '../system/system.ts';
import type { LoadOptions } from './load.ts';

export type Shape = Omit<LoadOptions, 'seed'>;

/** For many replies the platforms give no answer and push nothing back, so only keys and reading back help. */
export const repliesLoad: Shape = {
  messagesPerShop: 120,
  threadsPerShop: 20,
  replies: 30,
  poisons: 3,
  erasures: 2,
  unheardPercent: 40,
  echoes: 'off',
};

/** A few conversations that many people work on at once, and platforms that refuse many sends. */
export const contendedLoad: Shape = {
  messagesPerShop: 200,
  threadsPerShop: 4,
  replies: 40,
  hands: 4,
  poisons: 0,
  unheardPercent: 10,
  refusedPercent: 15,
  echoes: 'before-answer',
};

export interface LoadRunSpec {
  readonly load: Shape;
  readonly seed: number;
  readonly server: Server;
  readonly variant?: Variant;
  readonly log: Log;
  readonly directory: string;
}

/** Load with the faults of the platforms, and no other trouble. */
export function loadRun({ load, ...spec }: LoadRunSpec): Promise<RunReport> {
  return run({
    ...spec,
    name: load === contendedLoad ? 'load contended' : 'load replies',
    repeat: `pnpm reliability load --log ${spec.log.kind} --seed ${spec.seed}`,
    load: { ...load, seed: spec.seed },
    trouble: async (_system, _history, startLoad) => {
      await startLoad(spec.seed);
      return [];
    },
  });
}
