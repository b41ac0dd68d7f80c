import { decodeEvent } from '@crossdesk/contracts';
import { sql } from 'kysely';
import type { Broker, IncomingRecord, OnBatch, RecordBatch, Running } from '../../src/broker/broker.port.ts';
import { park } from '../../src/consumer/dead-letters.ts';
import { callHandlers } from '../../src/consumer/handler-calls.ts';
import { takeNew } from '../../src/consumer/consumed-event.store.ts';
import { consumedTopics } from '../../src/consumer/consumer.port.ts';
import { type Probe, type ProbeEvent, type ProbeSpec, type ProbeTransaction, probeTopic } from './probe.ts';

/** A consumer under test: the real one, or one that lacks a guard. */
export type OpenConsumer = (probe: Probe, spec: ProbeSpec, broker?: Pick<Broker, 'subscribe'>) => Promise<Running>;

export const realConsumer: OpenConsumer = (probe, spec, broker) => probe.consume(spec, broker);

type Process = (probe: Probe, spec: ProbeSpec, event: ProbeEvent, record: IncomingRecord) => Promise<void>;

function oneByOne(process: Process): OpenConsumer {
  return (probe, spec, broker = probe.broker) =>
    broker.subscribe({ group: spec.name, topics: consumedTopics(spec), batchSizeMax: 500 }, async (batch) => {
      for (const record of batch.records) {
        await process(probe, spec, decodeEvent(record.value) as ProbeEvent, record);
      }
    });
}

function handle(spec: ProbeSpec, trx: ProbeTransaction, event: ProbeEvent): Promise<void> {
  return callHandlers(spec, trx, [{ event, traceparent: null }]);
}

/** Checks whether the event is new before it marks it. */
export const selectingFirst = oneByOne(({ db }, spec, event) =>
  db.worker.transaction().execute(async (trx) => {
    const { rows } =
      await sql`select from consumed_event where consumer = ${spec.name} and event_id = ${event.id}`.execute(trx);
    if (rows.length > 0) return;
    await handle(spec, trx, event);
    await sql`insert into consumed_event (consumer, event_id) values (${spec.name}, ${event.id})`.execute(trx);
  }),
);

/** Marks the event after its effect, in a transaction of its own. */
export const markingAfterwards = oneByOne(async ({ db }, spec, event) => {
  const { rows } =
    await sql`select from consumed_event where consumer = ${spec.name} and event_id = ${event.id}`.execute(db.worker);
  if (rows.length > 0) return;
  await db.asWorker((trx) => handle(spec, trx, event));
  await db.asWorker((trx) => takeNew(trx, spec.name, [event.id]));
});

/** Commits the position before the work is done. */
export const committingFirst: OpenConsumer = (probe, spec, broker = probe.broker) =>
  broker.subscribe({ group: spec.name, topics: consumedTopics(spec), batchSizeMax: 500 }, async (batch) => {
    void probe.db
      .asWorker(async (trx) => {
        for (const record of batch.records) await handle(spec, trx, decodeEvent(record.value) as ProbeEvent);
      })
      .catch(() => undefined);
  });

/** Parks every failure, even of the database itself, and lets later events of the key pass. */
export const parkingCarelessly = oneByOne(async ({ db }, spec, event, record) => {
  try {
    await db.asWorker(async (trx) => {
      if ((await takeNew(trx, spec.name, [event.id])).size === 1) await handle(spec, trx, event);
    });
  } catch (error) {
    await db.asWorker((trx) =>
      park(trx, spec.name, record, { event, reason: String(error), attempts: 1, isBlocking: false }),
    );
  }
});

/** Throws the error of a message, so that the log retries the batch. */
export const lettingErrorsEscape = oneByOne(({ db }, spec, event) =>
  db.asWorker(async (trx) => {
    if ((await takeNew(trx, spec.name, [event.id])).size === 1) await handle(spec, trx, event);
  }),
);

export interface HandDriven {
  readonly broker: Pick<Broker, 'subscribe'>;
  deliver(event: ProbeEvent): Promise<void>;
  deliverBytes(key: string, value: Uint8Array): Promise<void>;
}

/** Delivers batches to a consumer directly, so that two members get the same record at the same moment. */
export function handDriven(): HandDriven {
  const subscribed = Promise.withResolvers<OnBatch>();
  const deliverBytes = async (key: string, value: Uint8Array): Promise<void> => {
    const onBatch = await subscribed.promise;
    await onBatch(batchOf(key, value));
  };
  return {
    broker: {
      subscribe: async (_subscription, onBatch) => {
        subscribed.resolve(onBatch);
        return { stop: async () => undefined, problem: () => null };
      },
    },
    deliver: (event) => deliverBytes(event.aggregateId, Buffer.from(JSON.stringify(event))),
    deliverBytes,
  };
}

function batchOf(key: string, value: Uint8Array): RecordBatch {
  return {
    records: [{ topic: probeTopic, partition: 0, position: 0n, key, value, headers: {} }],
    signal: new AbortController().signal,
    heartbeat: async () => undefined,
  };
}
