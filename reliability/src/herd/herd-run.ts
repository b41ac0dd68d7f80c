import { setTimeout as pause } from 'node:timers/promises';
import { paced } from '../hot/paced.ts';
import { type History, operations } from '../history.ts';
import { say } from '../load/shuffled.ts';
import { run, type RunReport, type RunSpec } from '../run.ts';
import { comeToRest } from '../system/quiet.ts';
import type { Shop, System } from '../system/system.ts';
import { gatherHerd, type Herd } from './herd.ts';
import { askHonestly } from './honest.ts';

/** People in each of the two workspaces. */
const peopleEach = 1_000;
const sampledEach = 25;
const perSecondEach = 1;
const gatherWithinMs = 120_000;
const foundWithinMs = 180_000;
/** Messages are written for so long before and after each fault. */
const writeForMs = 10_000;
const restWithinMs = 60_000;
const lookEveryMs = 100;
const blows = ['SIGTERM', 'SIGKILL'] as const;

const herdSize = 2 * peopleEach;
const blowName = (signal: (typeof blows)[number]): string =>
  `gateway ${signal === 'SIGTERM' ? 'terminated' : 'killed'} under ${herdSize} subscriptions`;
/** The names of these faults in the results. */
export const herdBlows = blows.map(blowName);

/** Thousands of subscriptions lose their gateway, by SIGTERM and by SIGKILL, and all continue where they stopped. */
export function herdRun(spec: Pick<RunSpec, 'seed' | 'server' | 'log' | 'directory'>): Promise<RunReport> {
  return run({
    ...spec,
    name: 'herd',
    repeat: `pnpm reliability herd --log ${spec.log.kind} --seed ${spec.seed}`,
    load: { seed: spec.seed, messagesPerShop: 60, threadsPerShop: 20, replies: 10, poisons: 0, unheardPercent: 0 },
    trouble: async (system, history, startLoad) => {
      await startLoad(spec.seed);
      system.twin.faults.clear();
      const herds = (['lumina', 'nordic'] as const).map((slug) => gather(system, history, slug));
      try {
        await untilBegun(system, history, herds);
        for (const signal of blows) await strike(system, history, herds, signal);
        await sayGoodbye(system, history, herds);
      } finally {
        await Promise.all(herds.map(({ herd }) => herd.close()));
      }
      return [];
    },
  });
}

interface Gathered {
  readonly slug: 'lumina' | 'nordic';
  readonly herd: Herd;
  readonly shop: Shop;
}

function gather(system: System, history: History, slug: 'lumina' | 'nordic'): Gathered {
  const shop = system.shops.find(({ name }) => name.startsWith(`generic/${slug}`));
  if (shop === undefined) throw new Error(`${slug} has no shop`);
  const herd = gatherHerd({
    graphqlUrl: system.graphqlUrl,
    token: system[slug].supervisor.token,
    size: peopleEach,
    sampled: sampledEach,
    onShown: (n, event) =>
      history.add({ op: 'live', subscriber: `${slug} ${n}`, tenantId: system.tenants[slug], ...event }),
  });
  return { slug, herd, shop };
}

/** That a subscription has begun is known only when it shows something; only then it has a cursor to continue after. */
async function untilBegun(system: System, history: History, herds: readonly Gathered[]): Promise<void> {
  const endsAt = performance.now() + gatherWithinMs;
  while (herds.some(({ herd }) => herd.begun() < peopleEach)) {
    if (performance.now() > endsAt)
      throw new Error(`of ${herdSize} people only ${herds.map(({ herd }) => herd.begun()).join(' and ')} see anything`);
    for (const { shop } of herds) say(system, history, shop, 'first', 'Is everybody there?');
    await pause(1_000);
  }
}

async function strike(
  system: System,
  history: History,
  herds: readonly Gathered[],
  signal: (typeof blows)[number],
): Promise<void> {
  const [one] = system.processes.filter(({ name }) => name === 'gateway' || name === 'standalone');
  if (one === undefined) throw new Error('there is no gateway');
  const write = (forMs: number): Promise<unknown> =>
    Promise.all(
      herds.map(({ shop }) =>
        paced(perSecondEach, forMs, (n) => say(system, history, shop, `herd ${n % 20}`, 'Are you there?')),
      ),
    );
  const connects = (): number => herds.reduce((sum, { herd }) => sum + herd.connects(), 0);
  await write(writeForMs);
  const connectsBefore = connects();
  const honest = askHonestly([system.lumina, system.nordic]);
  const kind = blowName(signal);
  history.add({ op: 'fault', kind, detail: '' });
  const struckAt = performance.now();
  const { pid } = one;
  one.signal(signal);
  for (const { herd, shop } of herds) herd.lookFor(say(system, history, shop, 'herd', `After ${signal}`));
  const writing = write(writeForMs);
  // The old process counts as ready until its end is noticed.
  while (one.pid === pid) await pause(lookEveryMs);
  await one.ready();
  const readyAt = performance.now();
  const found = await untilFound(herds, struckAt + foundWithinMs);
  history.add({
    op: 'herd',
    kind,
    size: herdSize,
    found,
    readyMs: readyAt - struckAt,
    tookMs: performance.now() - struckAt,
    connects: connects() - connectsBefore,
    ends: Object.fromEntries(herds.flatMap(({ herd }) => [...herd.ends])),
    memoryMb: Math.max(0, ...operations(history.entries, 'sample').map(({ memoryMb }) => memoryMb)),
    ...(await honest.stop(readyAt)),
  });
  await writing;
}

/** Returns how many were shown the message, when all were or when the time is over. */
async function untilFound(herds: readonly Gathered[], endsAt: number): Promise<number> {
  const found = (): number => herds.reduce((sum, { herd }) => sum + herd.found(), 0);
  while (found() < herdSize && performance.now() < endsAt) await pause(lookEveryMs);
  return found();
}

/** Everybody stays until they are shown the last message; nothing before it may be missing. */
async function sayGoodbye(system: System, history: History, herds: readonly Gathered[]): Promise<void> {
  await comeToRest(system, restWithinMs);
  for (const { herd, shop } of herds) herd.lookFor(say(system, history, shop, 'herd', 'Goodbye'));
  const found = await untilFound(herds, performance.now() + foundWithinMs);
  if (found < herdSize) throw new Error(`of ${herdSize} people only ${found} were shown the last message`);
  for (const { slug } of herds)
    for (let n = 0; n < sampledEach; n += 1) history.add({ op: 'left', subscriber: `${slug} ${n}` });
}
