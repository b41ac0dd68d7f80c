import { setTimeout as pause } from 'node:timers/promises';
import type { History } from '../history.ts';
import { replace } from '../nemesis/member.strikes.ts';
import { run, type RunReport, type RunSpec } from '../run.ts';
import type { Variant } from '../stand-ins/stand-in.ts';
import { migrate } from '../system/on-kafka.ts';
import type { Supervised } from '../system/supervised.ts';
import type { System } from '../system/system.ts';
import { withClient } from '../system/with-client.ts';
import { countReadings, neverMet, readReadings, type Stage } from './coexistence.ts';
import { nextVersion } from './next-version.ts';

const load = { messagesPerShop: 30, threadsPerShop: 15, replies: 4, poisons: 1, unheardPercent: 20, refusedPercent: 2 };
const stageMs = 8_000;
/** Leaves processor time for processes that start. */
const betweenLoadsMs = 1_000;

const did = ['upgraded', 'taken back'] as const;
const faultName = (what: (typeof did)[number], members: number): string =>
  `${members > 1 ? 'member' : 'process'} ${what}`;
/** The names of these faults in the results of a run in which both versions ran at once. */
export const replacements = did.map((what) => faultName(what, 2));

/** One replacement of all processes: first the migrate job of the version, then one process after another. */
interface Turn {
  readonly did: (typeof did)[number];
  readonly variant: Variant;
  readonly stages: Readonly<Record<'half' | 'whole', Pick<Stage, 'name' | 'runs'>>>;
}

/**
 * A rolling upgrade under load, and back. On Kafka the two members of each service are of different versions for a while, and
 * read in their groups what either publishes. On the embedded log the one process stops and the other version starts.
 */
export async function upgradeRun(
  spec: Pick<RunSpec, 'seed' | 'server' | 'variant' | 'log' | 'directory'>,
): Promise<RunReport> {
  const turns: readonly Turn[] = [
    {
      did: 'upgraded',
      variant: nextVersion,
      stages: { half: { name: 'half upgraded', runs: 'both' }, whole: { name: 'upgraded', runs: 'next' } },
    },
    {
      did: 'taken back',
      variant: spec.variant ?? [],
      stages: { half: { name: 'half taken back', runs: 'both' }, whole: { name: 'taken back', runs: 'old' } },
    },
  ];
  return run({
    ...spec,
    name: 'upgrade and back',
    members: spec.log.kind === 'kafka' ? 2 : 1,
    repeat: `pnpm reliability upgrade --log ${spec.log.kind} --seed ${spec.seed}`,
    load: { seed: spec.seed, ...load },
    // The send limit of a store sends the replies that have waited one by one.
    quietWithinMs: 180_000,
    trouble: async (system, history, startLoad) => {
      let isOver = false;
      const loading = (async () => {
        for (let loads = 0; !isOver; loads += 1) {
          await startLoad(spec.seed * 1_000 + loads);
          await pause(betweenLoadsMs);
        }
      })();
      // It is awaited below; a load that fails before that must not end the harness.
      loading.catch(() => undefined);
      const stages = [await last({ name: 'before', runs: 'old' })];
      for (const turn of turns) stages.push(...(await take(turn, system, history, spec.directory)));
      isOver = true;
      await loading;
      return judge(stages, system, history);
    },
  });
}

async function take(turn: Turn, system: System, history: History, directory: string): Promise<Stage[]> {
  const { variant, stages } = turn;
  const replaceAll = async (processes: readonly Supervised[]): Promise<void> => {
    for (const one of processes) {
      history.add({ op: 'fault', kind: faultName(turn.did, system.members), detail: one.name });
      await replace(one, 0, variant);
      await one.ready();
    }
  };
  const { processes, databaseUrl } = system;
  if (system.members === 1) {
    await replaceAll(processes);
    return [await last(stages.whole)];
  }
  const migrated = await migrate({ variant, directory, databaseUrl });
  await migrated.stop();
  const firsts = processes.filter(({ name }) => name.endsWith(' 1'));
  await replaceAll(firsts);
  // Open connections stay with the member that was not replaced. After a cut both members get connections.
  for (const door of system.doors) door.cut();
  const half = await last(stages.half);
  await replaceAll(processes.filter((one) => !firsts.includes(one)));
  return [half, await last(stages.whole)];
}

/** Lets the load run on for a while. */
async function last(stage: Pick<Stage, 'name' | 'runs'>): Promise<Stage> {
  const fromMs = Date.now();
  await pause(stageMs);
  return { ...stage, fromMs, toMs: Date.now() };
}

async function judge(stages: readonly Stage[], system: System, history: History) {
  const readings = await withClient(system.databaseUrl, readReadings);
  for (const { stage, reader, isOfNext, isReadByNext, times } of countReadings(stages, readings)) {
    const detail = `${stage.name}: ${isOfNext ? 'next' : 'old'} read by ${isReadByNext ? 'next' : 'old'} ${times} times`;
    history.add({ op: 'note', what: reader, detail });
  }
  return neverMet(stages, readings);
}
