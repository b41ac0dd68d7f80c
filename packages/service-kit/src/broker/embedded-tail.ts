import { topics } from '@crossdesk/contracts';
import type { Pool } from 'pg';
import type { Logger } from '../runtime/log.ts';
import { createWakeUp } from '../runtime/wake-up.ts';
import type { OnBatch, Running, Tail } from './broker.port.ts';
import type { Nudges } from './embedded-nudges.ts';
import { mayBeMore, readRecords } from './embedded-read.ts';

interface TailDeps {
  readonly pool: Pool;
  readonly log: Logger;
  readonly pollMs: number;
  readonly nudges: Nudges;
}

/** Reads every partition from the given positions on, without a group: nothing is committed. */
export async function startTail(deps: TailDeps, tail: Tail, onBatch: OnBatch): Promise<Running> {
  const wakeUp = createWakeUp();
  const stopping = new AbortController();
  const unlisten = deps.nudges.listen(tail.topics, wakeUp.wake);
  let trouble: string | null = null;
  const places = tail.topics.flatMap((topic) =>
    Array.from({ length: topics[topic].partitions }, (_, partition) => ({
      topic,
      partition,
      position: tail.from[topic]?.[partition] ?? 0n,
    })),
  );

  async function readOnce(): Promise<boolean> {
    const batches = await readRecords(deps.pool, places, tail.batchSizeMax);
    for (const records of batches) {
      const [first] = records;
      const last = records.at(-1);
      const place = places.find((p) => p.topic === first?.topic && p.partition === first.partition);
      if (last === undefined || place === undefined || stopping.signal.aborted) continue;
      await onBatch({
        records,
        signal: stopping.signal,
        heartbeat: async () => undefined,
      });
      place.position = last.position + 1n;
    }
    return batches.some((records) => mayBeMore(records, tail.batchSizeMax));
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      let isBehind = false;
      try {
        isBehind = await readOnce();
        trouble = null;
      } catch (err) {
        trouble = 'cannot read the log';
        deps.log.warn({ err, topics: tail.topics }, 'tail backs off');
      }
      if (!isBehind && !stopping.signal.aborted) await wakeUp.sleep(deps.pollMs);
    }
  }

  const running = run();
  return {
    problem: () => trouble,
    stop: async () => {
      stopping.abort();
      unlisten();
      wakeUp.wake();
      await running;
    },
  };
}
