import { type Broker, keysOf } from '@crossdesk/service-kit';
import { join } from 'node:path';
import type { Variant } from '../stand-ins/stand-in.ts';
import type { ProcessClock } from './process-clock.ts';
import type { Proxy } from './proxy.ts';
import type { Server } from './server.ts';
import type { Supervised } from './supervised.ts';

export const repository = join(import.meta.dirname, '../../..');

/** Where a system runs. */
export interface Place {
  readonly server: Server;
  /** Stand-ins that its processes load; none by default. */
  readonly variant?: Variant;
  /** Takes the output of the processes. */
  readonly directory: string;
  readonly syncEverySeconds?: number;
  /** Null when the processes read the clock of the machine. */
  readonly clock: ProcessClock | null;
}

/** A system that is ready and empty. */
export interface Installed {
  readonly processes: readonly Supervised[];
  /** The proxies in front of services with several members; to be closed with the system. */
  readonly doors: readonly Proxy[];
  readonly graphqlUrl: string;
  /** The log, for the harness to read and write. */
  readonly broker: Broker;
}

export const master = Buffer.alloc(32, 7);

/** All keys of the installation. */
export const keys = keysOf(master);

/** How long a platform may take to answer a call. It is short, so that time-outs happen within a run. */
export const platformTimeoutMs = 1_000;

/** Settings for a run that takes only minutes, and its clock. */
export function runEnvironment({ syncEverySeconds, clock }: Place): Readonly<Record<string, string>> {
  return {
    SYNC_EVERY_SECONDS: String(syncEverySeconds ?? 3600),
    PLATFORM_TIMEOUT_SECONDS: String(platformTimeoutMs / 1_000),
    READ_BACK_AFTER_SECONDS: '1',
    LOG_LEVEL: 'warn',
    ...(clock === null ? {} : clock.environment),
  };
}
