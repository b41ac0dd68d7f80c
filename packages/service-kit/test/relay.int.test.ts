import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { newId } from '@crossdesk/contracts';
import { eventually } from '@crossdesk/testkit';
import { sql } from 'kysely';
import { Client } from 'pg';
import type { Broker, OutgoingRecord, Running } from '../src/broker/broker.port.ts';
import { createGate } from './support/gate.ts';
import {
  type OpenRelay,
  realRelay,
  relayBehindXmin,
  relayMarkingFirst,
  relayPagingBySeq,
  relaySkippingLocked,
  startRealRelay,
} from './support/naive-relays.ts';
import { openProbe, type Probe, probeTopic } from './support/probe.ts';
import { clean, firstArrivals, type Step, tally } from './support/tally.ts';

let probe: Probe;
let log: Step[];
let tail: Running;

beforeAll(async () => {
  probe = await openProbe();
});

afterAll(() => probe.close());

beforeEach(async () => {
  log = [];
  const bounds = await probe.broker.bounds(probeTopic);
  const from = { [probeTopic]: Object.fromEntries([...bounds].map(([partition, { next }]) => [partition, next])) };
  tail = await probe.broker.tail({ topics: [probeTopic], from, batchSizeMax: 1_000 }, async (batch) => {
    for (const { value } of batch.records) {
      const { aggregateId, aggregateVersion } = JSON.parse(new TextDecoder().decode(value)) as { aggregateId: string; aggregateVersion: number };
      log.push({ key: aggregateId, step: aggregateVersion });
    }
  });
});

afterEach(async () => {
  await tail.stop();
  await sql`delete from outbox_event`.execute(probe.db.worker);
});

/** Waits until the tail has read what is on the log by now. */
async function caughtUp(): Promise<void> {
  const marker = newId();
  await probe.harness.publish(probe.eventOf({ key: marker, step: 1 }));
  const { partitions } = { partitions: 6 };
  // One marker per partition would need keys for each; the tail reads all partitions in one statement, in commit order.
  expect(partitions).toBe(6);
  await eventually(async () => expect(log.some(({ key }) => key === marker)).toBe(true));
  log = log.filter(({ key }) => key !== marker);
}

async function appendRounds(keys: readonly string[], rounds: number): Promise<Step[]> {
  const sent: Step[] = [];
  for (let round = 0; round < rounds; round += 1) {
    sent.push(...(await Promise.all(keys.map((key) => probe.appendNext(key)))));
    probe.outbox.nudge();
  }
  return sent;
}

const newKeys = (count: number) => Array.from({ length: count }, () => newId());

/** Breaks the connection that holds the lock of the relay, as if its process had died. */
async function killRelay(): Promise<void> {
  await probe.admin.query(
    `select pg_terminate_backend(pid) from pg_locks
     where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())`,
  );
}

/** Dies before sending the first batch and after sending the second; the broker is away for the third and fourth. */
async function troubledPublishing(open: OpenRelay): Promise<{ onLog: ReturnType<typeof tally>; calls: number }> {
  let calls = 0;
  const publish = async (batch: readonly OutgoingRecord[]): Promise<void> => {
    if (batch.length === 0) return;
    calls += 1;
    if (calls === 1) {
      await killRelay();
      throw new Error('died before sending');
    }
    if (calls === 3 || calls === 4) throw new Error('broker away');
    await probe.broker.publish(batch);
    if (calls === 2) await killRelay();
  };
  const keys = newKeys(5);
  const sent = await appendRounds(keys, 4);
  const relay = open(probe, { publish });
  await eventually(async () => expect(calls).toBeGreaterThan(0)).catch(() => undefined);
  await relay.settle();
  sent.push(...(await appendRounds(keys, 4)));
  await relay.settle();
  await relay.stop();
  await caughtUp();
  return { onLog: tally(log, sent), calls };
}
