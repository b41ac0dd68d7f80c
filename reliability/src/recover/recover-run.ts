import { setTimeout as pause } from 'node:timers/promises';
import type { History } from '../history.ts';
import { insist } from '../system/insist.ts';
import { say } from '../load/shuffled.ts';
import { run, type RunReport, type RunSpec } from '../run.ts';
import { withClient } from '../system/with-client.ts';
import type { Server } from '../system/server.ts';
import type { System } from '../system/system.ts';

/** A single fault, and how soon the system must have recovered. */
export interface Blow {
  readonly kind: string;
  readonly targetMs: number;
  /** Strikes for the n-th time. It may resolve only when what was struck runs again. */
  strike(system: System, server: Server, n: number): Promise<void>;
}

/** Processes that a message goes through before it is shown. */
const passedBy = new Set(['standalone', 'ingest', 'conversation']);

const blows: readonly Blow[] = [
  {
    kind: 'process killed',
    targetMs: 3_000,
    strike: async ({ processes }, _server, n) => {
      const onTheWay = processes.filter(({ name }) => passedBy.has(name));
      onTheWay[n % onTheWay.length]?.signal('SIGKILL');
    },
  },
  { kind: 'database ended at once', targetMs: 10_000, strike: (_system, server) => server.restartImmediately() },
];

const blowsOnKafka: readonly Blow[] = [
  {
    kind: 'all processes killed',
    targetMs: 3_000,
    strike: async ({ processes }) => processes.forEach((one) => one.signal('SIGKILL')),
  },
  {
    kind: 'broker killed',
    targetMs: 30_000,
    strike: async ({ kafka }) => {
      await kafka?.broker.end('SIGKILL');
      await kafka?.broker.start();
    },
  },
];

export function blowsOn({ kind }: RunSpec['log']): readonly Blow[] {
  return kind === 'kafka' ? [...blows, ...blowsOnKafka] : blows;
}

const timesEach = 6;
const lookEveryMs = 20;

/**
 * Measures how long the system takes to recover: from a fault until a message that a buyer wrote right after it is shown in its
 * conversation. A load runs before, so that the system has data when it starts again.
 */
export function recoverRun(
  spec: Pick<RunSpec, 'seed' | 'server' | 'log' | 'directory'> & { readonly blows: readonly Blow[] },
): Promise<RunReport> {
  const kinds = spec.blows.map(({ kind }) => kind).join(',');
  return run({
    ...spec,
    name: 'recover',
    repeat: `pnpm reliability recover --log ${spec.log.kind} --seed ${spec.seed} --faults "${kinds}"`,
    load: { seed: spec.seed, messagesPerShop: 100, threadsPerShop: 20, replies: 10, poisons: 0, unheardPercent: 0 },
    trouble: async (system, history, startLoad) => {
      await startLoad(spec.seed);
      for (const blow of spec.blows)
        for (let n = 0; n < timesEach; n += 1) await recoverOnce(system, spec.server, history, blow, n);
      return [];
    },
  });
}

async function recoverOnce(
  system: System,
  server: Server,
  history: History,
  { kind, targetMs, strike }: Blow,
  n: number,
): Promise<void> {
  const [shop] = system.shops;
  if (shop === undefined) throw new Error('there is no shop');
  history.add({ op: 'fault', kind, detail: String(n) });
  const struckAt = performance.now();
  const striking = strike(system, server, n);
  const id = say(system, history, shop, 'recover', `Are you back? ${kind} ${n}`);
  await insist(async () => {
    while (!(await isShown(system, id))) await pause(lookEveryMs);
  });
  history.add({ op: 'recovery', kind, targetMs, tookMs: performance.now() - struckAt });
  await striking;
  await Promise.all(system.processes.map((one) => one.ready()));
}

async function isShown(system: System, externalId: string): Promise<boolean> {
  return withClient(system.databaseUrl, async (client) => {
    const { rowCount } = await client.query('select from conversation.message where external_id = $1', [externalId]);
    return rowCount === 1;
  });
}
