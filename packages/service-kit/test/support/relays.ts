import { sql } from 'kysely';
import type { Broker } from '../../src/broker/broker.port.ts';
import { startRelay } from '../../src/outbox/relay.ts';
import { eventually } from '@crossdesk/testkit';
import { type Probe, probeTopic } from './probe.ts';

/** A relay under test: the real one, or one that lacks a guard. */
export interface Relaying {
  /** Resolves when it believes that everything committed so far is published. */
  settle(): Promise<void>;
  stop(): Promise<void>;
}

export type OpenRelay = (probe: Probe, broker: Pick<Broker, 'publish'>) => Relaying;

interface Row {
  event_id: string;
  seq: string;
  key: string;
  envelope: string;
}

function records(rows: readonly Row[]) {
  return rows.map((row) => ({ topic: probeTopic, key: row.key, value: row.envelope, headers: {} }));
}

const columns = sql`event_id, seq, key, envelope::text as envelope`;

export const realRelay: OpenRelay = (probe, broker) => startRealRelay(probe, broker, 'probe');

/** The lock is taken by this name: with two names two relays run at once. */
export function startRealRelay(
  probe: Probe,
  broker: Pick<Broker, 'publish'>,
  service: string,
): Relaying & { problem(): string | null } {
  const { outbox, workerUrl } = probe;
  const relay = startRelay({ service, workerUrl, broker, outbox, log: probe.harness.deps.log });
  return {
    problem: relay.problem,
    stop: relay.stop,
    settle: () =>
      eventually(async () => {
        const { rows } = await sql`select from outbox_event where published_at is null limit 1`.execute(
          probe.db.worker,
        );
        if (rows.length > 0) throw new Error('there are pending events');
      }),
  };
}

function stepwise(step: () => Promise<number>): Relaying {
  return {
    stop: async () => undefined,
    settle: async () => {
      for (let idle = 0; idle < 2;) idle = (await step().catch(() => 1)) === 0 ? idle + 1 : 0;
    },
  };
}

/** Remembers the last seq it has seen instead of a mark per row. */
export const relayPagingBySeq: OpenRelay = ({ db }, broker) => {
  let last = '0';
  return stepwise(async () => {
    const { rows } =
      await sql<Row>`select ${columns} from outbox_event where seq > ${last} order by seq limit 500`.execute(db.worker);
    await broker.publish(records(rows));
    last = rows.at(-1)?.seq ?? last;
    return rows.length;
  });
};

/** Publishes only what is older than every running transaction of the server. */
export const relayBehindXmin: OpenRelay = ({ db }, broker) =>
  stepwise(async () => {
    const { rows } = await sql<Row>`
      select ${columns} from outbox_event
      where published_at is null and xmin::text::bigint < (pg_snapshot_xmin(pg_current_snapshot())::text::bigint & 4294967295)
      order by seq limit 500`.execute(db.worker);
    await broker.publish(records(rows));
    await sql`update outbox_event set published_at = now() where event_id = any(${rows.map((row) => row.event_id)}::uuid[])`.execute(
      db.worker,
    );
    return rows.length;
  });

export const relayMarkingFirst: OpenRelay = ({ db }, broker) =>
  stepwise(async () => {
    const { rows } = await sql<Row>`
      update outbox_event set published_at = now() where published_at is null
      returning ${columns}`.execute(db.worker);
    await broker.publish(records(rows.toSorted((a, b) => Number(a.seq) - Number(b.seq))));
    return rows.length;
  });

/** Several of these share the work, each skipping the rows another one has locked. */
export const relaySkippingLocked: OpenRelay = ({ db }, broker) =>
  stepwise(() =>
    db.worker.transaction().execute(async (trx) => {
      const { rows } = await sql<Row>`
        select ${columns} from outbox_event where published_at is null order by seq limit 1 for update skip locked`.execute(
        trx,
      );
      await broker.publish(records(rows));
      await sql`update outbox_event set published_at = now() where event_id = any(${rows.map((row) => row.event_id)}::uuid[])`.execute(
        trx,
      );
      return rows.length;
    }),
  );
