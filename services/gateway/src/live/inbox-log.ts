import { topics } from '@crossdesk/contracts';
import type { Broker, Logger, Running } from '@crossdesk/service-kit';
import type { Bounds, Vector } from './cursor.ts';
import { type InboxRecord, readInboxRecord } from './inbox-record.ts';

const inboxTopic = 'conversation.conversation';
const partitions = topics[inboxTopic].partitions;
const batchSizeMax = 200;

export type OnRecords = (records: readonly InboxRecord[]) => void;

/** The conversation topic as this process sees it: one tail for all live subscribers, and tails of their own to catch up. */
export interface InboxLog {
  bounds(): Promise<readonly Bounds[]>;
  /** Starts the shared tail unless it runs; resolves once it has a place. */
  start(): Promise<void>;
  /** Where the shared tail stands: the next position it will hand out, by partition. */
  place(): Vector;
  /** From the next record of the shared tail on. Returns how to stop listening. */
  listen(onRecords: OnRecords): () => void;
  /** A tail for one reader, from its own place on; the next batch waits for the promise. */
  tail(from: Vector, onRecords: (records: readonly InboxRecord[]) => Promise<void>): Promise<Running>;
  /** Records that the shared tail has not handed out yet; 0 while nobody listens. */
  lag(): Promise<bigint>;
  problem(): string | null;
  stop(): Promise<void>;
}

export function createInboxLog(broker: Pick<Broker, 'tail' | 'bounds'>, log: Logger): InboxLog {
  const listeners = new Set<OnRecords>();
  let place: bigint[] = [];
  let shared: Promise<Running> | null = null;
  let running: Running | null = null;

  async function bounds(): Promise<readonly Bounds[]> {
    const held = await broker.bounds(inboxTopic);
    return Array.from({ length: partitions }, (_, partition) => {
      const { earliest, next } = held.get(partition) ?? { earliest: 0n, next: 0n };
      // The shared tail may have seen a record that this answer, read a moment earlier, does not count yet.
      const seen = place[partition] ?? 0n;
      return { earliest, next: seen > next ? seen : next };
    });
  }

  const tail: InboxLog['tail'] = (from, onRecords) =>
    broker.tail(
      { topics: [inboxTopic], from: { [inboxTopic]: Object.fromEntries(from.entries()) }, batchSizeMax },
      (batch) => onRecords(batch.records.map((record) => readInboxRecord(record, log))),
    );

  async function startShared(): Promise<Running> {
    place = (await bounds()).map(({ next }) => next);
    running = await tail(place, async (records) => {
      const fresh = records.filter(({ partition, position }) => position >= (place[partition] ?? 0n));
      const last = fresh.at(-1);
      if (last === undefined) return;
      place[last.partition] = last.position + 1n;
      for (const onRecords of listeners) onRecords(fresh);
    });
    return running;
  }

  return {
    bounds,
    tail,
    async start() {
      shared ??= startShared();
      try {
        await shared;
      } catch (cause) {
        shared = null;
        throw cause;
      }
    },
    place: () => [...place],
    listen(onRecords) {
      listeners.add(onRecords);
      return () => void listeners.delete(onRecords);
    },
    async lag() {
      if (running === null) return 0n;
      const held = await bounds();
      return held.reduce((sum, { next }, partition) => sum + next - (place[partition] ?? next), 0n);
    },
    problem: () => running?.problem() ?? null,
    async stop() {
      if (shared !== null) await (await shared).stop();
    },
  };
}
