import { newId } from '@crossdesk/contracts';
import type { Broker, IncomingRecord, RecordBatch, Running } from '../../src/broker/broker.port.ts';
import type { Step } from './tally.ts';

export interface OpenBroker {
  readonly broker: Broker;
  /** One more client of the same log, as another process would have it. */
  openAnother(): Promise<Broker>;
  close(): Promise<void>;
}

export const topic = 'ingest.inbound';
export const text = new TextDecoder();

/** The topic is shared by all tests: each only looks at the records of its own keys. */
export function stepOf(record: IncomingRecord): Step {
  return { key: record.key, step: Number(text.decode(record.value)) };
}

export function stepsOf(keys: readonly string[], from: number, to: number): Step[] {
  const steps = Array.from({ length: to - from + 1 }, (_, index) => from + index);
  return steps.flatMap((step) => keys.map((key) => ({ key, step })));
}

export async function publish(broker: Broker, steps: readonly Step[]): Promise<void> {
  await broker.publish(steps.map(({ key, step }) => ({ topic, key, value: String(step), headers: {} })));
}

export interface Member {
  readonly arrived: Step[];
  readonly batches: readonly RecordBatch[];
  readonly running: Running;
}

const joined: Running[] = [];

/** Stops members that a failed test left running, so that the run can end. */
export async function stopMembers(): Promise<void> {
  await Promise.allSettled(joined.splice(0).map((running) => running.stop()));
}

/** A member that records the steps of the keys after each batch. */
export async function join(
  broker: Broker,
  group: string,
  keys: readonly string[],
  before: (batch: RecordBatch) => Promise<void> = async () => undefined,
  arrived: Step[] = [],
): Promise<Member> {
  const batches: RecordBatch[] = [];
  const running = await broker.subscribe({ group, topics: [topic], batchSizeMax: 50 }, async (batch) => {
    await before(batch);
    batches.push(batch);
    arrived.push(...batch.records.map(stepOf).filter(({ key }) => keys.includes(key)));
  });
  joined.push(running);
  return { arrived, batches, running };
}

/** The partitions that a batch has records of. */
export function partitionsOf({ records }: RecordBatch): number[] {
  return [...new Set(records.map(({ partition }) => partition))];
}

export function newKeys(count: number): string[] {
  return Array.from({ length: count }, () => newId());
}
