import type { ChannelAccountId, ConversationId, TenantId } from '@crossdesk/contracts';
import { bytesArray } from '@crossdesk/service-kit';
import { sql } from 'kysely';
import type { Row, Trx, WaitingChange } from '../db.ts';
import type { MessageName } from './message-id.store.ts';

export interface ChangeToInsert extends MessageName {
  readonly accountId: ChannelAccountId;
  readonly key: Uint8Array;
  /** Null if its message is known. */
  readonly waiting: WaitingChange | null;
  readonly occurredAt: Date;
  readonly receivedAt: Date;
}

/** Stores changes and returns the keys of the new ones, in hexadecimal. */
export async function insertChanges(trx: Trx, changes: readonly ChangeToInsert[]): Promise<Set<string>> {
  const { rows } = await sql<{ key: string }>`
    insert into message_change (tenant_id, account_id, change_key, conversation_id, external_message_id, waiting,
      occurred_at, received_at)
    select * from unnest(${changes.map((c) => c.tenantId)}::uuid[], ${changes.map((c) => c.accountId)}::uuid[],
      ${bytesArray(changes.map((c) => c.key))}::bytea[], ${changes.map((c) => c.conversationId)}::uuid[],
      ${changes.map((c) => c.externalMessageId)}::text[],
      ${changes.map((c) => (c.waiting === null ? null : JSON.stringify(c.waiting)))}::jsonb[],
      ${changes.map((c) => c.occurredAt)}::timestamptz[], ${changes.map((c) => c.receivedAt)}::timestamptz[])
      as n (tenant_id, account_id, change_key, conversation_id, external_message_id, waiting, occurred_at, received_at)
    order by tenant_id, account_id, change_key
    on conflict do nothing returning encode(change_key, 'hex') as key`.execute(trx);
  return new Set(rows.map((row) => row.key));
}

export interface ReleasedChange extends Pick<
  Row<'message_change'>,
  'tenant_id' | 'account_id' | 'conversation_id' | 'external_message_id' | 'received_at'
> {
  readonly waiting: WaitingChange;
}

/** Ends the waiting of changes whose messages have become known, and returns them in the order of the platform. */
export async function releaseChanges(trx: Trx, messages: readonly MessageName[]): Promise<ReleasedChange[]> {
  const { rows } = await sql<ReleasedChange>`
    with released as (
      select c.tenant_id, c.account_id, c.change_key, c.conversation_id, c.external_message_id, c.waiting, c.received_at,
        c.occurred_at
      from unnest(${messages.map((m) => m.tenantId)}::uuid[], ${messages.map((m) => m.conversationId)}::uuid[],
        ${messages.map((m) => m.externalMessageId)}::text[]) as known (tenant_id, conversation_id, external_message_id)
      join message_change c using (tenant_id, conversation_id, external_message_id)
      where c.waiting is not null
    ), told as (
      update message_change c set waiting = null from released r
      where c.tenant_id = r.tenant_id and c.account_id = r.account_id and c.change_key = r.change_key
    )
    select * from released order by occurred_at, received_at`.execute(trx);
  return rows;
}

/** Forgets the changes of a conversation that still wait for their messages. Returns how many. */
export async function eraseWaitingChanges(
  trx: Trx,
  tenantId: TenantId,
  conversationId: ConversationId,
): Promise<number> {
  const result = await sql`
    update message_change set waiting = null
    where tenant_id = ${tenantId} and conversation_id = ${conversationId} and waiting is not null`.execute(trx);
  return Number(result.numAffectedRows);
}
