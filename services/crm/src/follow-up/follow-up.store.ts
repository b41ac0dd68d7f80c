import type { AgentId, ConversationId, CustomerId, FollowUpId, TenantId } from '@crossdesk/contracts';
import { countRows, type Keyset } from '@crossdesk/service-kit';
import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';
import type { FollowUp, FollowUpState } from './follow-up.domain.ts';

type Trx = Transaction<DB>;

/** Locks a follow-up; null if the caller sees none with this id. */
export async function lockFollowUp(trx: Trx, tenantId: TenantId, id: FollowUpId): Promise<FollowUp | null> {
  const { rows } = await sql<Row<'follow_up'>>`
    select * from follow_up where tenant_id = ${tenantId} and id = ${id} for update`.execute(trx);
  return rows[0] === undefined ? null : toFollowUp(rows[0]);
}

/** Locks the next follow-up whose owner is to be told; one that somebody works on waits for the next look. */
export async function lockDue(trx: Trx, now: Date): Promise<FollowUp | null> {
  const { rows } = await sql<Row<'follow_up'>>`
    select * from follow_up where tell_at <= ${now} order by tell_at limit 1 for update skip locked`.execute(trx);
  return rows[0] === undefined ? null : toFollowUp(rows[0]);
}

/** The milliseconds until somebody is to be told; null if nobody is. */
export async function nextTellingInMs(trx: Trx, now: Date): Promise<number | null> {
  const { rows } = await sql<{ at: Date | null }>`
    select min(tell_at) as at from follow_up where tell_at is not null`.execute(trx);
  const at = rows[0]?.at ?? null;
  return at === null ? null : at.getTime() - now.getTime();
}

export async function insertFollowUp(trx: Trx, one: FollowUp): Promise<void> {
  await trx.insertInto('follow_up').values(toRow(one)).execute();
}

/** Writes the changes of a follow-up, which must be locked in this transaction. */
export async function saveFollowUp(trx: Trx, one: FollowUp): Promise<void> {
  const { due_at, occurrence, state, tell_at, closed_at, version } = toRow(one);
  await trx
    .updateTable('follow_up')
    .set({ due_at, occurrence, state, tell_at, closed_at, version })
    .where('tenant_id', '=', one.tenantId)
    .where('id', '=', one.id)
    .execute();
}

export async function followUpsByIds(
  trx: Trx,
  tenantId: TenantId,
  ids: readonly FollowUpId[],
): Promise<Map<FollowUpId, FollowUp>> {
  const { rows } = await sql<Row<'follow_up'>>`
    select * from follow_up where tenant_id = ${tenantId} and id = any(${ids}::uuid[])`.execute(trx);
  return new Map(rows.map((row) => [row.id, toFollowUp(row)]));
}

/** All conditions must hold; null restricts nothing. */
export interface FollowUpFilter {
  readonly customerId: CustomerId | null;
  readonly ownerId: AgentId | null;
  readonly state: FollowUpState;
  readonly dueBefore: Date | null;
}

/** A page of follow-ups, what is due first before the others, and one more if there are any behind it. */
export async function listFollowUps(
  trx: Trx,
  tenantId: TenantId,
  filter: FollowUpFilter,
  { first, after }: { readonly first: number; readonly after: Keyset | null },
): Promise<FollowUp[]> {
  const behind = after === null ? sql`` : sql`and (due_at, id) > (${after.at}::timestamptz, ${after.id}::uuid)`;
  const { rows } = await sql<Row<'follow_up'>>`
    select * from follow_up where ${matching(tenantId, filter)} ${behind} order by due_at, id limit ${first + 1}`.execute(
    trx,
  );
  return rows.map(toFollowUp);
}

/** How many match, counted up to a bound. */
export function countFollowUps(trx: Trx, tenantId: TenantId, filter: FollowUpFilter): Promise<number> {
  return countRows(trx, sql`select 1 from follow_up where ${matching(tenantId, filter)}`);
}

function matching(tenantId: TenantId, { customerId, ownerId, state, dueBefore }: FollowUpFilter): RawBuilder<unknown> {
  const ofCustomer =
    customerId === null
      ? sql``
      : sql`and profile_id in (select id from profile where tenant_id = ${tenantId} and customer_id = ${customerId})`;
  const ofOwner = ownerId === null ? sql`` : sql`and owner_id = ${ownerId}`;
  const due = dueBefore === null ? sql`` : sql`and due_at < ${dueBefore}::timestamptz`;
  return sql`tenant_id = ${tenantId} and state = ${state} ${ofCustomer} ${ofOwner} ${due}`;
}

/** Whether a conversation that the caller sees is with a customer. */
export async function isWithCustomer(
  trx: Trx,
  tenantId: TenantId,
  customerId: CustomerId,
  conversationId: ConversationId,
): Promise<boolean> {
  const row = await trx
    .selectFrom('conversation_link')
    .select('conversation_id')
    .where('tenant_id', '=', tenantId)
    .where('conversation_id', '=', conversationId)
    .where('customer_id', '=', customerId)
    .executeTakeFirst();
  return row !== undefined;
}

/**
 * Empties and ends what is to be done for profiles that are erased. It comes before they are locked. Returns how many.
 */
export async function eraseFollowUps(
  trx: Trx,
  tenantId: TenantId,
  profileIds: readonly CustomerId[],
  now: Date,
): Promise<number> {
  const { numAffectedRows } = await sql`
    update follow_up
    set text = '', tell_at = null, version = version + 1,
      state = case state when 'open' then 'cancelled' else state end, closed_at = coalesce(closed_at, ${now})
    where tenant_id = ${tenantId} and profile_id = any(${profileIds}::uuid[]) and text <> ''`.execute(trx);
  return Number(numAffectedRows ?? 0n);
}

function toFollowUp(row: Row<'follow_up'>): FollowUp {
  const { rule, zone } = row;
  return {
    tenantId: row.tenant_id,
    id: row.id,
    profileId: row.profile_id,
    conversationId: row.conversation_id,
    ownerId: row.owner_id,
    text: row.text,
    dueAt: row.due_at,
    startsAt: row.starts_at,
    recurrence: rule === null || zone === null ? null : { rule, zone },
    occurrence: row.occurrence,
    state: row.state,
    tellAt: row.tell_at,
    createdBy: row.created_by,
    createdAt: row.created_at,
    closedAt: row.closed_at,
    version: row.version,
  };
}

function toRow(one: FollowUp): Row<'follow_up'> {
  return {
    tenant_id: one.tenantId,
    id: one.id,
    profile_id: one.profileId,
    conversation_id: one.conversationId,
    owner_id: one.ownerId,
    text: one.text,
    due_at: one.dueAt,
    starts_at: one.startsAt,
    rule: one.recurrence?.rule ?? null,
    zone: one.recurrence?.zone ?? null,
    occurrence: one.occurrence,
    state: one.state,
    tell_at: one.tellAt,
    created_by: one.createdBy,
    created_at: one.createdAt,
    closed_at: one.closedAt,
    version: one.version,
  };
}
