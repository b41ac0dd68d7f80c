import {
  type ChannelAccountId,
  type ConversationId,
  type MessageContent,
  type MessageId,
  parseId,
  type TenantId,
} from '@crossdesk/contracts';
import { countRows } from '@crossdesk/service-kit';
import { sql } from 'kysely';
import type { Row, Trx } from '../db.ts';
import type { OpenReply } from '../thread/echo.domain.ts';
import { presentConversations } from '../thread/join.store.ts';
import type { MessageName } from '../thread/message-id.store.ts';
import type { KnownOutcome } from './delivery.domain.ts';

/**
 * A reply to deliver. `attempts` counts claims by senders: it identifies an attempt and never decreases. `untried`
 * counts those attempts that do not count as tries.
 */
export type IntentRow = Omit<Row<'delivery_intent'>, 'seq' | 'due_at' | 'leased_until' | 'sender' | 'is_bulk'>;

const columns = sql`tenant_id, message_id, conversation_id, account_id, content, fingerprint, status, failure, detail,
  external_message_id, attempts, untried, attempted_at, requested_at, needs_person, is_placed, is_doubted, traceparent`;

export interface IntentToInsert {
  readonly tenantId: TenantId;
  readonly messageId: MessageId;
  readonly conversationId: ConversationId;
  readonly accountId: ChannelAccountId;
  readonly content: MessageContent;
  readonly fingerprint: string;
  /** Whether it yields to the others. */
  readonly isBulk: boolean;
  readonly traceparent: string | null;
}

/** A reply to a conversation that was joined into another one meanwhile goes there. */
export async function insertIntents(trx: Trx, intents: readonly IntentToInsert[]): Promise<void> {
  const conversationIds = await presentConversations(trx, intents);
  await sql`
    insert into delivery_intent (tenant_id, message_id, conversation_id, account_id, content, fingerprint, status, is_bulk, traceparent)
    select tenant_id, message_id, conversation_id, account_id, content, fingerprint, 'queued', is_bulk, traceparent
    from unnest(${intents.map((i) => i.tenantId)}::uuid[], ${intents.map((i) => i.messageId)}::uuid[],
      ${conversationIds}::uuid[], ${intents.map((i) => i.accountId)}::uuid[],
      ${intents.map((i) => JSON.stringify(i.content))}::jsonb[], ${intents.map((i) => i.fingerprint)}::text[],
      ${intents.map((i) => i.isBulk)}::boolean[], ${intents.map((i) => i.traceparent)}::text[])
      with ordinality as n (tenant_id, message_id, conversation_id, account_id, content, fingerprint, is_bulk, traceparent, ord)
    order by ord
    on conflict do nothing`.execute(trx);
  const urgent = intents.flatMap(({ tenantId, isBulk }, index) =>
    isBulk ? [] : [{ tenantId, conversationId: conversationIds[index] }],
  );
  if (urgent.length > 0) await hurryEarlier(trx, urgent);
}

/** What somebody wrote after a bulk reply of the same conversation waits for it, so that one does not yield any more. */
async function hurryEarlier(
  trx: Trx,
  written: readonly { readonly tenantId: TenantId; readonly conversationId: ConversationId | undefined }[],
): Promise<void> {
  await sql`
    update delivery_intent e set is_bulk = false
    from unnest(${written.map((one) => one.tenantId)}::uuid[], ${written.map((one) => one.conversationId)}::uuid[])
      as w (tenant_id, conversation_id)
    where e.tenant_id = w.tenant_id and e.conversation_id = w.conversation_id and e.status = 'queued' and e.is_bulk`.execute(
    trx,
  );
}

/**
 * Takes replies that are due, with a lease. Of each conversation it takes only the oldest, and only if no earlier reply
 * is being sent or in doubt: replies reach the buyer in the order they were written. Accounts that have to wait are
 * skipped, so that the backlog of one account does not delay others.
 */
export async function claimDue(trx: Trx, limit: number, leaseMs: number, sender: number | null): Promise<IntentRow[]> {
  const { rows } = await sql<IntentRow>`
    with due as (
      select tenant_id as due_tenant, message_id as due_message from delivery_intent i
      where status = 'queued' and due_at <= now() and not exists (
        select from send_quota q where q.tenant_id = i.tenant_id and q.account_id = i.account_id and q.waits_until > now()
      ) and not exists (
        select from delivery_intent e
        where e.tenant_id = i.tenant_id and e.conversation_id = i.conversation_id
          and e.status in ('queued', 'sending', 'unknown')
          and (e.status = 'sending' or (e.status = 'unknown' and not e.needs_person) or (e.status = 'queued' and e.seq < i.seq))
      )
      order by is_bulk, due_at limit ${limit} for update skip locked
    )
    update delivery_intent set status = 'sending', attempts = attempts + 1, attempted_at = now(),
      leased_until = now() + ${leaseMs} * interval '1 millisecond', sender = ${sender}
    from due where tenant_id = due_tenant and message_id = due_message
    returning ${columns}`.execute(trx);
  return rows;
}

/** The time until the next queued reply is due; null without one. One that waits for another or for its account is due. */
export async function nextReplyInMs(trx: Trx): Promise<number | null> {
  const { rows } = await sql<{ ms: number | null }>`
    select (extract(epoch from least(
      (select min(due_at) from delivery_intent where status = 'queued' and is_bulk),
      (select min(due_at) from delivery_intent where status = 'queued' and not is_bulk)) - now()) * 1000)::float as ms`.execute(
    trx,
  );
  return rows[0]?.ms ?? null;
}

/** The time until the next reply in doubt is due; null without one. */
export async function nextDoubtInMs(trx: Trx): Promise<number | null> {
  const { rows } = await sql<{ ms: number | null }>`
    select (extract(epoch from min(case status when 'sending' then leased_until else due_at end) - now()) * 1000)::float as ms
    from delivery_intent where status in ('sending', 'unknown') and not needs_person`.execute(trx);
  return rows[0]?.ms ?? null;
}

/**
 * Takes replies whose lease ended because the sender died, and replies of unknown outcome that are due to be looked up.
 */
export async function claimInDoubt(trx: Trx, limit: number, leaseMs: number): Promise<IntentRow[]> {
  const { rows } = await sql<IntentRow>`
    update delivery_intent set due_at = now() + ${leaseMs} * interval '1 millisecond'
    where (tenant_id, message_id) in (
      select tenant_id, message_id from delivery_intent
      where not needs_person and ((status = 'sending' and leased_until < now()) or (status = 'unknown' and due_at <= now()))
      order by due_at limit ${limit} for update skip locked
    )
    returning ${columns}`.execute(trx);
  return rows;
}

/** Makes the replies in doubt of an account due to be looked up now. */
export async function makeDoubtsDue(trx: Trx, tenantId: TenantId, accountId: ChannelAccountId): Promise<void> {
  await trx
    .updateTable('delivery_intent')
    .set({ due_at: sql<Date>`now()` })
    .where('tenant_id', '=', tenantId)
    .where('account_id', '=', accountId)
    .where('status', '=', 'unknown')
    .where('needs_person', '=', false)
    .execute();
}

export async function lockIntent(trx: Trx, tenantId: TenantId, messageId: MessageId): Promise<IntentRow | null> {
  const { rows } = await sql<IntentRow>`
    select ${columns} from delivery_intent where tenant_id = ${tenantId} and message_id = ${messageId} for update`.execute(
    trx,
  );
  return rows[0] ?? null;
}

export interface IntentChange extends Omit<KnownOutcome, 'attempts'> {
  /** From now: the time until the reply is sent again, or until its unknown outcome is looked up; null: as it was. */
  readonly dueInMs: number | null;
  /** The attempt does not count as a try. */
  readonly isUntried: boolean;
}

export async function saveIntent(trx: Trx, row: IntentRow, change: IntentChange): Promise<void> {
  await sql`
    update delivery_intent set status = ${change.status}, failure = ${change.failure}, detail = ${change.detail},
      external_message_id = ${change.externalMessageId}, needs_person = ${change.needsPerson}, is_placed = ${change.isPlaced},
      is_doubted = ${change.isDoubted},
      due_at = coalesce(now() + ${change.dueInMs}::float * interval '1 millisecond', due_at),
      untried = untried + ${change.isUntried ? 1 : 0}, leased_until = null, sender = null
    where tenant_id = ${row.tenant_id} and message_id = ${row.message_id}`.execute(trx);
}

export async function markPlaced(trx: Trx, { tenant_id, message_id }: IntentRow): Promise<void> {
  await trx
    .updateTable('delivery_intent')
    .set({ is_placed: true })
    .where('tenant_id', '=', tenant_id)
    .where('message_id', '=', message_id)
    .execute();
}

/** Replies that an outgoing message of these conversations may be. The threads must be locked. */
export async function findOpenReplies(
  trx: Trx,
  messages: readonly (MessageName & { readonly accountId: ChannelAccountId })[],
): Promise<OpenReply[]> {
  const { rows } = await sql<IntentRow>`
    select distinct ${columns}
    from unnest(${messages.map((m) => m.tenantId)}::uuid[], ${messages.map((m) => m.accountId)}::uuid[],
      ${messages.map((m) => m.conversationId)}::uuid[], ${messages.map((m) => m.externalMessageId)}::text[])
      as m (of_tenant, of_account, of_conversation, external_id)
    join delivery_intent on tenant_id = of_tenant and (
      (conversation_id = of_conversation and status in ('sending', 'unknown'))
      or (conversation_id = of_conversation and external_message_id is null and status in ('sent', 'delivered', 'read')
        and attempted_at > now() - interval '1 day')
      or (account_id = of_account and external_message_id = external_id and conversation_id = of_conversation)
    )
    order by attempted_at`.execute(trx);
  return rows.map((row) => ({
    messageId: row.message_id,
    conversationId: row.conversation_id,
    status: row.status,
    fingerprint: row.fingerprint,
    externalMessageId: row.external_message_id,
    attemptedAt: row.attempted_at,
  }));
}

export async function isAnySending(trx: Trx, tenantId: TenantId, conversationId: ConversationId): Promise<boolean> {
  const { rows } = await sql<{ found: boolean }>`
    select exists (
      select from delivery_intent where tenant_id = ${tenantId} and conversation_id = ${conversationId} and status = 'sending'
    ) as found`.execute(trx);
  return rows[0]?.found === true;
}

/** The reply a receipt is about; null when there is none, or when its id may be of several threads. */
export async function findByReference(
  trx: Trx,
  tenantId: TenantId,
  accountId: ChannelAccountId,
  externalMessageId: string | null,
  clientReference: string | null,
): Promise<Pick<IntentRow, 'message_id' | 'conversation_id'> | null> {
  const messageId = clientReference === null ? null : parseId<MessageId>(clientReference);
  const { rows } = await sql<Pick<IntentRow, 'message_id' | 'conversation_id'>>`
    select message_id, conversation_id from delivery_intent
    where tenant_id = ${tenantId} and account_id = ${accountId}
      and (external_message_id = ${externalMessageId} or message_id = ${messageId}::uuid)
    limit 2`.execute(trx);
  const named = rows.find((row) => row.message_id === messageId);
  return named ?? (rows.length === 1 ? (rows[0] ?? null) : null);
}

export async function listUnknown(
  trx: Trx,
  tenantId: TenantId,
  first: number,
  after: { at: Date; id: string } | null,
): Promise<IntentRow[]> {
  const { rows } = await sql<IntentRow>`
    select ${columns} from delivery_intent
    where tenant_id = ${tenantId} and status = 'unknown' and needs_person
      and (${after?.at ?? null}::timestamptz is null or (attempted_at, message_id) > (${after?.at ?? null}::timestamptz, ${after?.id ?? null}::uuid))
    order by attempted_at, message_id limit ${first + 1}`.execute(trx);
  return rows;
}

export function countUnknown(trx: Trx, tenantId: TenantId): Promise<number> {
  return countRows(
    trx,
    sql`select 1 from delivery_intent where tenant_id = ${tenantId} and status = 'unknown' and needs_person`,
  );
}
