import type { EventId, TenantId } from '@crossdesk/contracts';
import { countRows } from '@crossdesk/service-kit';
import { sql } from 'kysely';
import type { Row, Trx } from '../db.ts';
import type { Answer } from './attempt.domain.ts';
import type { EndpointRow } from './endpoint.store.ts';

export type DeliveryRow = Row<'webhook_delivery'>;
export type DeliveryState = DeliveryRow['state'];
/** A delivery as lists show it. */
export interface ShownDelivery extends DeliveryRow {
  readonly type: string;
  /** When it is tried next, if it is the next of its key. */
  readonly due_at: Date | null;
}

export interface NewDelivery {
  readonly tenantId: TenantId;
  readonly endpointId: EndpointRow['id'];
  readonly eventId: EventId;
  readonly key: string;
}

/** Adds deliveries behind those that wait, in the given order. An event that is known for the address changes nothing. */
export async function insertDeliveries(trx: Trx, deliveries: readonly NewDelivery[], now: Date): Promise<void> {
  if (deliveries.length === 0) return;
  const { rows } = await sql<LaneKey>`
    insert into webhook_delivery (tenant_id, endpoint_id, event_id, key, pending_since)
    select tenant_id, endpoint_id, event_id, key, ${now}::timestamptz
    from unnest(${deliveries.map((d) => d.tenantId)}::uuid[], ${deliveries.map((d) => d.endpointId)}::uuid[],
      ${deliveries.map((d) => d.eventId)}::uuid[], ${deliveries.map((d) => d.key)}::uuid[])
      with ordinality as n (tenant_id, endpoint_id, event_id, key, place)
    order by place
    on conflict do nothing
    returning tenant_id, endpoint_id, key`.execute(trx);
  await openLanes(trx, rows, now);
}

/**
 * Makes the stored events of a time pending again for an address, in the order they came, at most `limit`. Returns their
 * number, and the time of the first event that is left.
 */
export async function replayDeliveries(
  trx: Trx,
  endpoint: EndpointRow,
  events: readonly Pick<Row<'webhook_event'>, 'event_id' | 'key'>[],
  now: Date,
): Promise<void> {
  const { tenant_id, id } = endpoint;
  const { rows } = await sql<LaneKey>`
    insert into webhook_delivery (tenant_id, endpoint_id, event_id, key, pending_since)
    select ${tenant_id}, ${id}, event_id, key, ${now}::timestamptz
    from unnest(${events.map((e) => e.event_id)}::uuid[], ${events.map((e) => e.key)}::uuid[])
      with ordinality as n (event_id, key, place)
    order by place
    on conflict (tenant_id, endpoint_id, event_id) do update set seq = default, state = 'pending',
      pending_since = excluded.pending_since, attempts = 0, last_error = null, settled_at = null
      where webhook_delivery.state <> 'pending'
    returning tenant_id, endpoint_id, key`.execute(trx);
  await openLanes(trx, rows, now);
}

type LaneKey = Pick<DeliveryRow, 'tenant_id' | 'endpoint_id' | 'key'>;

/** Locks the lanes of new deliveries until the commit: nobody removes one meanwhile because it looks empty. */
async function openLanes(trx: Trx, keys: readonly LaneKey[], now: Date): Promise<void> {
  await sql`
    insert into webhook_lane (tenant_id, endpoint_id, key, due_at)
    select distinct tenant_id, endpoint_id, key, ${now}::timestamptz
    from unnest(${keys.map((k) => k.tenant_id)}::uuid[], ${keys.map((k) => k.endpoint_id)}::uuid[], ${keys.map((k) => k.key)}::uuid[])
      as n (tenant_id, endpoint_id, key)
    order by 1, 2, 3
    on conflict (tenant_id, endpoint_id, key) do update set due_at = webhook_lane.due_at`.execute(trx);
}

export type LeasedLane = LaneKey & { readonly leased_until: Date };

const callsAtOnce = 4;

/**
 * Takes due lanes with a lease. Each address has a number of calls at once that no other can use up; one that failed too often
 * has a single call, when it is time for it, whatever is due.
 */
export async function claimLanes(trx: Trx, limit: number, now: Date, leaseMs: number): Promise<LeasedLane[]> {
  const { rows } = await sql<LeasedLane>`
    with room as (
      select e.tenant_id, e.id, e.probe_at is not null as is_probe,
        greatest(0, case when e.probe_at is null then ${callsAtOnce}::int else 1 end - (
          select count(*)::int from webhook_lane l
          where l.tenant_id = e.tenant_id and l.endpoint_id = e.id and l.leased_until > ${now})) as free
      from webhook_endpoint e where e.is_enabled and (e.probe_at is null or e.probe_at <= ${now})
      for update of e skip locked
    ), due as (
      select d.tenant_id, d.endpoint_id, d.key from room r cross join lateral (
        select l.tenant_id, l.endpoint_id, l.key from webhook_lane l
        where l.tenant_id = r.tenant_id and l.endpoint_id = r.id and (l.due_at <= ${now} or r.is_probe)
          and (l.leased_until is null or l.leased_until <= ${now})
        order by l.due_at limit r.free for update skip locked) d
      limit ${limit}
    )
    update webhook_lane l set leased_until = ${now}::timestamptz + ${leaseMs} * interval '1 millisecond'
    from due d where l.tenant_id = d.tenant_id and l.endpoint_id = d.endpoint_id and l.key = d.key
    returning l.tenant_id, l.endpoint_id, l.key, l.leased_until`.execute(trx);
  return rows;
}

function ofLane({ tenant_id, endpoint_id, key }: LaneKey) {
  return sql`tenant_id = ${tenant_id} and endpoint_id = ${endpoint_id} and key = ${key}`;
}

/** The delivery that is next in a lane; null when there is none. */
export async function headOf(trx: Trx, lane: LaneKey): Promise<DeliveryRow | null> {
  const { rows } = await sql<DeliveryRow>`
    select * from webhook_delivery where ${ofLane(lane)} and state = 'pending' order by seq limit 1`.execute(trx);
  return rows[0] ?? null;
}

/** Ends the lease of a lane and says when it is due next; a lane without deliveries is removed. */
export async function releaseLane(trx: Trx, lane: LeasedLane, dueAt: Date): Promise<void> {
  const { rows } = await sql`
    update webhook_lane set due_at = ${dueAt}, leased_until = null
    where ${ofLane(lane)} and leased_until = ${lane.leased_until} returning 1`.execute(trx);
  if (rows.length === 0) return;
  // A statement of its own, which sees what was added before the lock was free.
  await sql`
    delete from webhook_lane where ${ofLane(lane)} and not exists (
      select from webhook_delivery d where d.tenant_id = ${lane.tenant_id} and d.endpoint_id = ${lane.endpoint_id}
        and d.key = ${lane.key} and d.state = 'pending')`.execute(trx);
}

export interface Attempt {
  readonly state: DeliveryState;
  readonly answer: Answer;
  readonly at: Date;
}

/** Notes an attempt, unless somebody else noted one meanwhile. */
export async function saveAttempt(
  trx: Trx,
  { tenant_id, endpoint_id, event_id, seq, attempts }: DeliveryRow,
  attempt: Attempt,
) {
  const { state, answer, at } = attempt;
  const saved = await sql`
    update webhook_delivery set state = ${state}, attempts = attempts + 1, last_attempt_at = ${at},
      last_status = ${answer.status}, last_error = ${answer.error}, settled_at = case when ${state} = 'pending' then null else ${at}::timestamptz end
    where tenant_id = ${tenant_id} and endpoint_id = ${endpoint_id} and event_id = ${event_id}
      and seq = ${seq} and attempts = ${attempts} and state = 'pending'`.execute(trx);
  return Number(saved.numAffectedRows) === 1;
}

/** A receiver is back: what waits for it is due now. Lanes that somebody works on are left as they are. */
export async function hastenLanes(trx: Trx, { tenant_id, id }: EndpointRow, now: Date): Promise<void> {
  await sql`
    update webhook_lane set due_at = ${now} where (tenant_id, endpoint_id, key) in (
      select tenant_id, endpoint_id, key from webhook_lane
      where tenant_id = ${tenant_id} and endpoint_id = ${id} and due_at > ${now} for update skip locked)`.execute(trx);
}

/** Gives up what waited too long for an address that is not called. */
export async function giveUpOverdue(trx: Trx, before: Date, now: Date): Promise<number> {
  const given = await sql`
    update webhook_delivery d set state = 'dead', settled_at = ${now},
      last_error = coalesce(last_error, 'the receiver was not called for three days')
    from webhook_endpoint e
    where d.state = 'pending' and d.pending_since < ${before} and e.tenant_id = d.tenant_id and e.id = d.endpoint_id
      and (not e.is_enabled or e.probe_at is not null)`.execute(trx);
  return Number(given.numAffectedRows);
}

export interface DeliveryPage {
  readonly states: readonly DeliveryState[] | null;
  readonly first: number;
  readonly afterEventId: string | null;
}

/** The deliveries of an address, those of the latest events first; one more than asked for. */
export async function listDeliveries(
  trx: Trx,
  { tenant_id, id }: EndpointRow,
  page: DeliveryPage,
): Promise<ShownDelivery[]> {
  const { rows } = await sql<ShownDelivery>`
    select d.*, e.type, case when d.state = 'pending' and not exists (
        select from webhook_delivery p where p.tenant_id = d.tenant_id and p.endpoint_id = d.endpoint_id and p.key = d.key
          and p.state = 'pending' and p.seq < d.seq) then l.due_at end as due_at
    from webhook_delivery d
    join webhook_event e on e.tenant_id = d.tenant_id and e.event_id = d.event_id
    left join webhook_lane l on l.tenant_id = d.tenant_id and l.endpoint_id = d.endpoint_id and l.key = d.key
    where ${ofEndpoint({ tenant_id, id }, page.states)}
      ${page.afterEventId === null ? sql`` : sql`and d.event_id < ${page.afterEventId}::uuid`}
    order by d.event_id desc limit ${page.first + 1}`.execute(trx);
  return rows;
}

export function countDeliveries(
  trx: Trx,
  endpoint: Pick<EndpointRow, 'tenant_id' | 'id'>,
  states: DeliveryPage['states'],
): Promise<number> {
  return countRows(trx, sql`select 1 from webhook_delivery d where ${ofEndpoint(endpoint, states)}`);
}

function ofEndpoint({ tenant_id, id }: Pick<EndpointRow, 'tenant_id' | 'id'>, states: DeliveryPage['states']) {
  const inStates = states === null ? sql`` : sql`and d.state = any(${states}::text[])`;
  return sql`d.tenant_id = ${tenant_id} and d.endpoint_id = ${id} ${inStates}`;
}
