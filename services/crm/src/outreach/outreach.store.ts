import type { ConversationId, CustomerId, DecisionId, MessageId, TenantId } from '@crossdesk/contracts';
import { type LockedAggregate, lockedAggregate } from '@crossdesk/service-kit';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';
import { type Arm, type Outreach, type PlannedOutreach } from './outreach.domain.ts';

type Trx = Transaction<DB>;
type OutreachRow = Row<'outreach'>;

/** Plans messages; one whose key was planned before is left out. Returns how many are new. */
export async function planOutreach(trx: Trx, planned: readonly PlannedOutreach[], now: Date): Promise<number> {
  if (planned.length === 0) return 0;
  const claimed = await trx
    .insertInto('outreach_once')
    .values(planned.map((one) => ({ tenant_id: one.tenantId, dedupe_key: one.dedupeKey, outreach_id: one.id })))
    .onConflict((clash) => clash.doNothing())
    .returning('outreach_id')
    .execute();
  const ids = new Set(claimed.map((row) => row.outreach_id));
  const fresh = planned.filter(({ id }) => ids.has(id));
  if (fresh.length === 0) return 0;
  await trx
    .insertInto('outreach')
    .values(
      fresh.map((one) => ({
        tenant_id: one.tenantId,
        id: one.id,
        kind: one.kind,
        purpose: one.purpose,
        subject: one.subject,
        profile_id: one.profileId,
        account_id: one.accountId,
        texts: JSON.stringify(one.texts),
        variables: JSON.stringify(one.variables),
        hold_out_share: one.holdOutShare,
        arm: one.arm,
        zone: one.zone,
        planned_at: now,
        due_at: one.dueAt,
        not_after: one.notAfter,
        state: 'planned' as const,
      })),
    )
    .execute();
  return fresh.length;
}

/** Ends planned messages about these subjects. */
export async function cancelPlanned(trx: Trx, tenantId: TenantId, subjects: readonly string[]): Promise<void> {
  await sql`
    update outreach set state = 'suppressed', reason = 'CANCELLED', due_at = null
    where tenant_id = ${tenantId} and subject = any(${subjects}::text[]) and state = 'planned'`.execute(trx);
}

/** Moves planned messages about a subject to a later time. */
export async function postponePlanned(
  trx: Trx,
  tenantId: TenantId,
  subject: string,
  { dueAt, notAfter }: Pick<PlannedOutreach, 'dueAt' | 'notAfter'>,
): Promise<void> {
  await sql`
    update outreach set due_at = ${dueAt}, not_after = ${notAfter}
    where tenant_id = ${tenantId} and subject = ${subject} and state = 'planned' and due_at < ${dueAt}`.execute(trx);
}

/** Whether a message about a subject is planned or decided, or was stopped by something else than that it was called off. */
export async function isPlannedBefore(trx: Trx, tenantId: TenantId, subject: string): Promise<boolean> {
  const { rows } = await sql`
    select from outreach where tenant_id = ${tenantId} and subject = ${subject}
      and (state in ('suppressed', 'refused') and reason in ('CANCELLED', 'REOPENED')) is not true limit 1`.execute(
    trx,
  );
  return rows.length > 0;
}

/** Whether a person was asked how satisfied they are since a time, on any channel. */
export async function isAskedSince(
  trx: Trx,
  tenantId: TenantId,
  customerId: CustomerId,
  since: Date,
): Promise<boolean> {
  const { rows } = await sql`
    select from outreach o join profile p on p.tenant_id = o.tenant_id and p.id = o.profile_id
    where o.tenant_id = ${tenantId} and p.customer_id = ${customerId} and o.kind = 'survey'
      and o.state in ('decided', 'sent') and o.decided_at > ${since} limit 1`.execute(trx);
  return rows.length > 0;
}

const leaseMs = 60_000;

/** Takes messages whose time has come; they are due again when the lease ends. */
export async function claimDue(trx: Trx, limit: number, now: Date): Promise<Outreach[]> {
  const { rows } = await sql<OutreachRow>`
    update outreach o set due_at = ${new Date(now.getTime() + leaseMs)}, tries = o.tries + 1
    from (select tenant_id, id from outreach where due_at <= ${now}
      order by due_at limit ${limit} for update skip locked) d
    where o.tenant_id = d.tenant_id and o.id = d.id
    returning o.*`.execute(trx);
  return rows.map(toOutreach);
}

export async function nextDueInMs(trx: Trx, now: Date): Promise<number | null> {
  const row = await trx
    .selectFrom('outreach')
    .select('due_at')
    .where('due_at', 'is not', null)
    .orderBy('due_at')
    .limit(1)
    .executeTakeFirst();
  return row?.due_at == null ? null : row.due_at.getTime() - now.getTime();
}

/** Locks what was claimed. Null: another worker has it since, or it is decided. */
export async function lockClaimed(trx: Trx, { tenantId, id, tries }: Outreach): Promise<Outreach | null> {
  const row = await trx
    .selectFrom('outreach')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .where('tries', '=', tries)
    .where('state', '=', 'planned')
    .forUpdate()
    .executeTakeFirst();
  return row === undefined ? null : toOutreach(row);
}

export async function saveOutreach(trx: Trx, one: Outreach): Promise<void> {
  await trx
    .updateTable('outreach')
    .set({
      due_at: one.dueAt,
      state: one.state,
      reason: one.reason,
      arm: one.arm,
      trace: JSON.stringify(one.trace),
      conversation_id: one.conversationId,
      message_id: one.messageId,
      decided_at: one.decidedAt,
    })
    .where('tenant_id', '=', one.tenantId)
    .where('id', '=', one.id)
    .execute();
}

/** Whether anybody of the same person was written to about the same subject. The customer must be locked. */
export async function isAlreadyDecided(
  trx: Trx,
  { tenantId, id, subject }: Outreach,
  customerId: CustomerId,
): Promise<boolean> {
  const { rows } = await sql`
    select from outreach o join profile p on p.tenant_id = o.tenant_id and p.id = o.profile_id
    where o.subject = ${subject} and o.tenant_id = ${tenantId} and o.id <> ${id} and p.customer_id = ${customerId}
      and o.state in ('decided', 'sent', 'failed') limit 1`.execute(trx);
  return rows.length > 0;
}

/** The side of an experiment on which a person already is: that of what was planned for them first. */
export async function armOfPerson(
  trx: Trx,
  { tenantId, subject }: Outreach,
  customerId: CustomerId,
): Promise<Arm | null> {
  const { rows } = await sql<{ arm: Arm }>`
    select o.arm from outreach o join profile p on p.tenant_id = o.tenant_id and p.id = o.profile_id
    where o.subject = ${subject} and o.tenant_id = ${tenantId} and p.customer_id = ${customerId}
      and o.arm is not null order by o.profile_id limit 1`.execute(trx);
  return rows[0]?.arm ?? null;
}

/** When a person was sent marketing since a time, on all channels. */
export async function marketingSentSince(
  trx: Trx,
  tenantId: TenantId,
  customerId: CustomerId,
  since: Date,
): Promise<Date[]> {
  const { rows } = await sql<{ at: Date }>`
    select o.decided_at as at from outreach o join profile p on p.tenant_id = o.tenant_id and p.id = o.profile_id
    where o.tenant_id = ${tenantId} and p.customer_id = ${customerId} and o.purpose = 'marketing'
      and o.state in ('decided', 'sent') and o.decided_at > ${since}`.execute(trx);
  return rows.map(({ at }) => at);
}

/** Raises the version of a conversation, whose row it locks: events about it are told in the order of their versions. */
export async function lockThread(trx: Trx, tenantId: TenantId, id: ConversationId): Promise<LockedAggregate | null> {
  const row = await trx
    .updateTable('conversation_link')
    .set((link) => ({ version: link('version', '+', 1) }))
    .where('tenant_id', '=', tenantId)
    .where('conversation_id', '=', id)
    .returning('version')
    .executeTakeFirst();
  return row === undefined ? null : lockedAggregate({ tenantId, id, version: row.version });
}

export interface Settled {
  readonly tenantId: TenantId;
  readonly id: DecisionId;
  readonly state: 'sent' | 'refused';
  readonly reason: string | null;
}

/** Closes decided messages; what is no outreach, or closed already, stays as it is. */
export async function settle(trx: Trx, settled: readonly Settled[], now: Date): Promise<void> {
  await sql`
    update outreach o set state = s.state, reason = s.reason, settled_at = ${now}
    from unnest(${settled.map((s) => s.tenantId)}::uuid[], ${settled.map((s) => s.id)}::uuid[],
      ${settled.map((s) => s.state)}::text[], ${settled.map((s) => s.reason)}::text[]) as s (tenant_id, id, state, reason)
    where o.tenant_id = s.tenant_id and o.id = s.id and o.state = 'decided'`.execute(trx);
}

/** Notes that messages were not delivered; returns those of campaigns. */
export async function noteFailed(
  trx: Trx,
  failed: readonly { readonly tenantId: TenantId; readonly messageId: MessageId; readonly failure: string }[],
): Promise<{ readonly tenantId: TenantId; readonly subject: string }[]> {
  const { rows } = await sql<Pick<OutreachRow, 'tenant_id' | 'subject' | 'kind'>>`
    update outreach o set state = 'failed', reason = f.failure
    from unnest(${failed.map((f) => f.tenantId)}::uuid[], ${failed.map((f) => f.messageId)}::uuid[],
      ${failed.map((f) => f.failure)}::text[]) as f (tenant_id, message_id, failure)
    where o.message_id = f.message_id and o.tenant_id = f.tenant_id and o.state in ('decided', 'sent')
    returning o.tenant_id, o.subject, o.kind`.execute(trx);
  return rows.flatMap(({ tenant_id: tenantId, subject, kind }) => (kind === 'campaign' ? [{ tenantId, subject }] : []));
}

export async function readOutreach(trx: Trx, tenantId: TenantId, id: DecisionId): Promise<Outreach | null> {
  const row = await trx
    .selectFrom('outreach')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .executeTakeFirst();
  return row === undefined ? null : toOutreach(row);
}

/** Messages by id. */
export async function outreachByIds(
  trx: Trx,
  tenantId: TenantId,
  ids: readonly DecisionId[],
): Promise<Map<DecisionId, Outreach>> {
  const rows = await trx
    .selectFrom('outreach')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('id', 'in', ids)
    .execute();
  return new Map(rows.map((row) => [row.id, toOutreach(row)]));
}

/** The latest messages planned for a customer, on all their profiles. */
export async function outreachOf(
  trx: Trx,
  tenantId: TenantId,
  customerId: CustomerId,
  limit: number,
): Promise<Outreach[]> {
  const { rows } = await sql<OutreachRow>`
    select o.* from outreach o join profile p on p.tenant_id = o.tenant_id and p.id = o.profile_id
    where o.tenant_id = ${tenantId} and p.customer_id = ${customerId}
    order by o.id desc limit ${limit}`.execute(trx);
  return rows.map(toOutreach);
}

/** How many decided messages have had no answer for a while. */
export async function countUnsettled(trx: Trx, before: Date): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from outreach where state = 'decided' and decided_at < ${before}`.execute(trx);
  return rows[0]?.count ?? 0;
}

/** Empties what was written to an erased customer, and ends what was planned. Returns how many rows there are. */
export async function eraseOutreach(trx: Trx, tenantId: TenantId, ids: readonly CustomerId[]): Promise<number> {
  const { numAffectedRows } = await sql`
    update outreach o set texts = '[]', variables = '{}',
      state = case when o.state = 'planned' then 'suppressed' else o.state end,
      reason = case when o.state = 'planned' then 'ERASED' else o.reason end, due_at = null
    from profile p
    where o.tenant_id = ${tenantId} and p.tenant_id = o.tenant_id and p.id = o.profile_id
      and (p.id = any(${ids}::uuid[]) or p.customer_id = any(${ids}::uuid[]))`.execute(trx);
  return Number(numAffectedRows ?? 0n);
}

function toOutreach(row: OutreachRow): Outreach {
  return {
    tenantId: row.tenant_id,
    id: row.id,
    kind: row.kind,
    purpose: row.purpose,
    subject: row.subject,
    profileId: row.profile_id,
    accountId: row.account_id,
    texts: row.texts,
    variables: row.variables,
    holdOutShare: row.hold_out_share,
    zone: row.zone,
    notAfter: row.not_after,
    plannedAt: row.planned_at,
    dueAt: row.due_at,
    tries: row.tries,
    state: row.state,
    reason: row.reason,
    arm: row.arm,
    trace: row.trace ?? [],
    conversationId: row.conversation_id,
    messageId: row.message_id,
    decidedAt: row.decided_at,
    settledAt: row.settled_at,
  };
}
