import { addReading, type ServiceRuntime } from '@crossdesk/service-kit';
import { sql } from 'kysely';
import { Histogram } from 'prom-client';
import type { DB } from './db.ts';

export type IngestMetrics = ReturnType<typeof createIngestMetrics>;

type Measured = Pick<ServiceRuntime<DB>, 'metrics' | 'db'>;

/** The durations and readings of webhooks and replies; counters are declared where they count. Labels are bounded: channels and closed sets of values, never a tenant. */
export function createIngestMetrics(runtime: Measured) {
  const registers = [runtime.metrics.registry];
  measureWaiting(runtime);
  measurePushed(runtime);
  return {
    webhookAck: new Histogram({
      name: 'crossdesk_webhook_ack_seconds',
      help: 'Time from the arrival of a delivery to its acknowledgement, which is after its commit',
      labelNames: ['channel'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
      registers,
    }),
    sendDuration: new Histogram({
      name: 'crossdesk_send_seconds',
      help: 'Time a platform takes to answer a send',
      labelNames: ['channel'],
      buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15],
      registers,
    }),
  };
}

function measureWaiting({ metrics, db }: Measured): void {
  addReading(metrics, {
    name: 'crossdesk_unknown_deliveries',
    help: 'Replies of unknown outcome; needs_person: no machine can find out whether the buyer got them',
    labelNames: ['needs_person'],
    read: async () => {
      const { rows } = await sql<{ needs_person: boolean; value: number }>`
        select n.needs_person, count(i.message_id)::int as value
        from (values (true), (false)) as n (needs_person)
        left join delivery_intent i on i.status = 'unknown' and i.needs_person = n.needs_person
        group by n.needs_person`.execute(db.worker);
      return rows.map(({ needs_person, value }) => ({ labels: { needs_person: String(needs_person) }, value }));
    },
  });
  addReading(metrics, {
    name: 'crossdesk_delivery_overdue_seconds',
    help: 'How long the oldest due reply of an account that can send has waited',
    read: async () => {
      const { rows } = await sql<{ value: number }>`
        select greatest(coalesce(extract(epoch from now() - min(due_at)), 0), 0)::float as value
        from delivery_intent i where status = 'queued' and not exists (
          select from channel_account a where a.tenant_id = i.tenant_id and a.id = i.account_id and a.status <> 'connected'
        ) and not exists (
          select from send_pause p where p.tenant_id = i.tenant_id and p.account_id = i.account_id and p.until > now())`.execute(
        db.worker,
      );
      return rows;
    },
  });
  addReading(metrics, {
    name: 'crossdesk_media_overdue_seconds',
    help: 'How long the oldest due file has waited to be fetched or removed',
    read: async () => {
      const { rows } = await sql<{ value: number }>`
        select greatest(coalesce(extract(epoch from now() - min(due_at)), 0), 0)::float as value
        from media where due_at is not null`.execute(db.worker);
      return rows;
    },
  });
  addReading(metrics, {
    name: 'crossdesk_parked_webhooks',
    help: 'Signed deliveries that could not be parsed and wait for a replay',
    labelNames: ['channel'],
    read: async () => {
      const { rows } = await sql<{ channel: string; value: number }>`
        select c.channel, count(p.id)::int as value from (select distinct channel from channel_account) c
        left join parked_webhook p on p.channel = c.channel and p.replayed_at is null and p.discarded_at is null
        group by c.channel`.execute(db.worker);
      return rows.map(({ channel, value }) => ({ labels: { channel }, value }));
    },
  });
  addReading(metrics, {
    name: 'crossdesk_channel_accounts',
    help: 'Channel accounts by status; reauthorise: nothing is fetched or sent until a person connects the account again',
    labelNames: ['channel', 'status'],
    read: async () => {
      const { rows } = await sql<{ channel: string; status: string; value: number }>`
        select channel, status, count(*)::int as value from channel_account group by channel, status`.execute(
        db.worker,
      );
      return rows.map(({ channel, status, value }) => ({ labels: { channel, status }, value }));
    },
  });
}

function measurePushed({ metrics, db }: Measured): void {
  addReading(metrics, {
    name: 'crossdesk_webhook_overdue_seconds',
    help: 'How long the oldest due event waits for an address of others that works',
    read: async () => {
      const { rows } = await sql<{ value: number }>`
        select greatest(coalesce(extract(epoch from now() - min(l.due_at)), 0), 0)::float as value
        from webhook_endpoint e join webhook_lane l on l.tenant_id = e.tenant_id and l.endpoint_id = e.id
        where e.is_enabled and e.probe_at is null and l.leased_until is null`.execute(db.worker);
      return rows;
    },
  });
  addReading(metrics, {
    name: 'crossdesk_webhook_endpoints',
    help: 'Addresses that events are pushed to, by state; failing: twenty calls in a row failed',
    labelNames: ['state'],
    read: async () => {
      const { rows } = await sql<{ state: string; value: number }>`
        select s.state, count(e.id)::int as value from (values ('active'), ('failing'), ('disabled')) as s (state)
        left join webhook_endpoint e on s.state =
          case when not e.is_enabled then 'disabled' when e.probe_at is null then 'active' else 'failing' end
        group by s.state`.execute(db.worker);
      return rows.map(({ state, value }) => ({ labels: { state }, value }));
    },
  });
}
