import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { newId } from '@crossdesk/contracts';
import { eventually, testKeys } from '@crossdesk/testkit';
import { sql } from 'kysely';
import { rebuildProjection } from '../src/rebuild/rebuild.ts';
import { openProbe, type Probe, type ProbeEvent, type ProbeSpec, probeTopic } from './support/probe.ts';

let probe: Probe;
beforeAll(async () => {
  probe = await openProbe();
});
afterAll(() => probe.close());

/** Writes an event into the history of the topic's owner, as its relay leaves it. */
async function happened(event: ProbeEvent): Promise<void> {
  await probe.admin.query(
    `insert into crm.outbox_event (event_id, tenant_id, topic, key, envelope, published_at) values ($1, $2, $3, $4, $5, now())`,
    [event.id, event.tenantId, probeTopic, event.aggregateId, event],
  );
}

test('an event that a rebuild has applied is not applied again when the log delivers it', async () => {
  const key = newId();
  const [first, second] = [probe.eventOf({ key, step: 1 }), probe.eventOf({ key, step: 2 })];
  // Counts its events, so that an event applied twice is visible.
  const spec: ProbeSpec = {
    name: 'probe.counted',
    on: {
      'crm.conversation-linked': async (trx, events) => {
        for (const { event } of events)
          await sql`
            insert into stream (tenant_id, id, version) values (${event.tenantId}, ${event.aggregateId}, 1)
            on conflict (tenant_id, id) do update set version = stream.version + 1`.execute(trx);
      },
    },
  };
  await happened(first);
  const { databaseUrl } = probe.harness;
  const rebuilt = await rebuildProjection(
    { databaseUrl, historyDatabaseUrl: databaseUrl, keys: testKeys },
    { service: 'probe', consumer: spec, tables: [{ name: 'stream' }] },
  );
  expect(rebuilt).toMatchObject({ eventCount: 1, differenceCount: 1 });

  await probe.harness.publish(first, second);
  const running = await probe.consume(spec);
  const taken = () =>
    sql`select from consumed_event where consumer = ${spec.name} and event_id = ${second.id}`.execute(probe.db.worker);
  await eventually(async () => expect((await taken()).rows).toHaveLength(1));
  await running.stop();
  const { rows } = await sql`select version from stream where id = ${key}`.execute(probe.db.worker);
  expect(rows).toEqual([{ version: 2 }]);
});
