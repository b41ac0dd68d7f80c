import type { ConversationId, TenantId } from '@crossdesk/contracts';
import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';
import { type Clock, nextLook, responseDue, type StoredClock } from './clock.domain.ts';

type Trx = Transaction<DB>;

export interface StateKey {
  readonly tenantId: TenantId;
  readonly id: ConversationId;
}

/** The clocks of conversations that are locked in this transaction. */
export async function readClocks(trx: Trx, keys: readonly StateKey[]): Promise<Map<string, Clock[]>> {
  const { rows } = await sql<Row<'sla_state'>>`
    select s.* from unnest(${keys.map((key) => key.tenantId)}::uuid[], ${keys.map((key) => key.id)}::uuid[]) as k (tenant_id, id)
    join sla_state s on s.tenant_id = k.tenant_id and s.conversation_id = k.id`.execute(trx);
  return new Map(rows.map((row) => [stateKey(row.tenant_id, row.conversation_id), row.clocks.map(toClock)]));
}

export async function clocksOfConversations(
  trx: Trx,
  tenantId: TenantId,
  ids: readonly ConversationId[],
): Promise<Map<ConversationId, Clock[]>> {
  const rows = await trx
    .selectFrom('sla_state')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where(sql<boolean>`conversation_id = any(${ids}::uuid[])`)
    .execute();
  return new Map(rows.map((row) => [row.conversation_id, row.clocks.map(toClock)]));
}

export function stateKey(tenantId: TenantId, id: ConversationId): string {
  return `${tenantId}/${id}`;
}

/** Writes the clocks of conversations that are locked, and when they are looked at next. One statement. */
export async function saveClocks(
  trx: Trx,
  states: readonly (StateKey & { readonly clocks: readonly Clock[] })[],
  now: Date,
): Promise<void> {
  if (states.length === 0) return;
  const rows = states.map(({ tenantId, id, clocks }) => ({
    tenant_id: tenantId,
    conversation_id: id,
    clocks,
    due_at: responseDue(clocks),
    next_at: nextLook(clocks, now),
    tries: 0,
  }));
  await sql`
    insert into sla_state select * from json_populate_recordset(null::sla_state, ${JSON.stringify(rows)}::json)
    on conflict (tenant_id, conversation_id) do update
    set clocks = excluded.clocks, due_at = excluded.due_at, tries = 0,
      -- Somebody wants it looked at again: what was decided may be by old settings.
      next_at = case when sla_state.next_at <= ${now} then sla_state.next_at else excluded.next_at end`.execute(trx);
}

function toClock(stored: StoredClock): Clock {
  const time = (text: string | null) => (text === null ? null : new Date(text));
  return {
    ...stored,
    startedAt: new Date(stored.startedAt),
    pauses: stored.pauses.map(({ from, until }) => ({ from: new Date(from), until: time(until) })),
    warnAt: time(stored.warnAt),
    dueAt: time(stored.dueAt),
    warnedAt: time(stored.warnedAt),
    breachedAt: time(stored.breachedAt),
    metAt: time(stored.metAt),
    cancelledAt: time(stored.cancelledAt),
  };
}

const leaseMs = 60_000;

/** Takes conversations that are due; they are due again when the lease ends. */
export async function claimStates(trx: Trx, limit: number, now: Date): Promise<(StateKey & { tries: number })[]> {
  const { rows } = await sql<Pick<Row<'sla_state'>, 'tenant_id' | 'conversation_id' | 'tries'>>`
    update sla_state s set next_at = ${new Date(now.getTime() + leaseMs)}, tries = s.tries + 1
    from (select tenant_id, conversation_id from sla_state where next_at <= ${now}
      order by next_at limit ${limit} for update skip locked) d
    where s.tenant_id = d.tenant_id and s.conversation_id = d.conversation_id
    returning s.tenant_id, s.conversation_id, s.tries`.execute(trx);
  return rows.map(({ tenant_id: tenantId, conversation_id: id, tries }) => ({ tenantId, id, tries }));
}

export async function nextLookInMs(trx: Trx, now: Date): Promise<number | null> {
  const { rows } = await sql<{ at: Date | null }>`
    select min(next_at) as at from sla_state where next_at is not null`.execute(trx);
  const at = rows[0]?.at ?? null;
  return at === null ? null : at.getTime() - now.getTime();
}

/** Lets all clocks of a workspace that run, and questions that have none yet, be looked at again. One statement. */
export function lookAgain(trx: Trx, tenantId: TenantId, now: Date): Promise<void> {
  return lookAgainAt(trx, sql`tenant_id = ${tenantId}`, now);
}

/** The same for some conversations. */
export function lookAgainAtThese(trx: Trx, keys: readonly StateKey[], now: Date): Promise<void> {
  const these = sql`(tenant_id, id) in (select * from
    unnest(${keys.map((key) => key.tenantId)}::uuid[], ${keys.map((key) => key.id)}::uuid[]))`;
  return lookAgainAt(trx, these, now);
}

async function lookAgainAt(trx: Trx, which: RawBuilder<unknown>, now: Date): Promise<void> {
  await sql`
    insert into sla_state (tenant_id, conversation_id, clocks, next_at)
    select tenant_id, id, '[]', ${now} from conversation
    where ${which} and waiting_since is not null and joined_into is null
    order by tenant_id, id
    on conflict (tenant_id, conversation_id) do update set next_at = excluded.next_at, tries = 0`.execute(trx);
}
