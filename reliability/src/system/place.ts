import type { Broker } from '@crossdesk/service-kit';
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
  /** What its processes run instead of the product as it is. */
  readonly variant?: Variant;
  /** Takes what the processes log. */
  readonly directory: string;
  readonly syncEverySeconds?: number;
  /** Null when the processes read that of the machine. */
  readonly clock: ProcessClock | null;
}

/** A system that is ready, and nobody in it yet. */
export interface Installed {
  readonly processes: readonly Supervised[];
  /** What stands before the members of a service, to be closed with the system. */
  readonly doors: readonly Proxy[];
  readonly graphqlUrl: string;
  /** The log as a bystander reads and writes it. */
  readonly broker: Broker;
}

export const master = Buffer.alloc(32, 7);

/** How long a platform may take to answer a call; short, so that a run comes by every outcome. */
export const platformTimeoutMs = 1_000;

/** Time-outs of a run that takes minutes, and its clock. */
export function runEnvironment({ syncEverySeconds, clock }: Place): Readonly<Record<string, string>> {
  return {
    SYNC_EVERY_SECONDS: String(syncEverySeconds ?? 3600),
    PLATFORM_TIMEOUT_SECONDS: String(platformTimeoutMs / 1_000),
    READ_BACK_AFTER_SECONDS: '1',
    LOG_LEVEL: 'warn',
    ...(clock === null ? {} : clock.environment),
  };
}
