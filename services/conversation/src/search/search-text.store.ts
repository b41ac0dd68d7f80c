import {
  type ConversationId,
  type MessageContent,
  type MessageId,
  type NoteId,
  type TenantId,
  textOf,
} from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';
import { latestContent } from '../message/message-change.domain.ts';
import type { SearchText } from './search-document.store.ts';

interface Key<Id> {
  readonly tenantId: TenantId;
  readonly id: Id;
}

type OfConversation = Pick<Row<'conversation'>, 'account_id'>;
type MessageText = Pick<
  Row<'message'>,
  'tenant_id' | 'id' | 'conversation_id' | 'content' | 'edits' | 'deleted_at' | 'occurred_at'
> &
  OfConversation;

/** What people can read in messages, as they are now. */
export async function textsOfMessages(trx: Transaction<DB>, keys: readonly Key<MessageId>[]): Promise<SearchText[]> {
  if (keys.length === 0) return [];
  const { rows } = await sql<MessageText>`
    select m.tenant_id, m.id, m.conversation_id, m.content, m.edits, m.deleted_at, m.occurred_at, c.account_id
    from message m join conversation c on c.tenant_id = m.tenant_id and c.id = m.conversation_id
    where (m.tenant_id, m.id) in (select * from unnest(${tenantsIn(keys)}::uuid[], ${idsIn(keys)}::uuid[]))
      and m.id = any(${idsIn(keys)}::uuid[])`.execute(trx);
  return rows.map(textOfMessage);
}

function textOfMessage(row: MessageText): SearchText {
  const edits = row.edits.map((edit) => ({ ...edit, at: new Date(edit.at) }));
  const content = latestContent({ content: row.content, edits });
  const common = { tenantId: row.tenant_id, conversationId: row.conversation_id, accountId: row.account_id };
  const text = row.deleted_at === null ? searchedText(content) : '';
  return { ...common, kind: 'message', id: row.id, at: row.occurred_at, text };
}

/** The words and the number that a message is about. */
export function searchedText(content: MessageContent): string {
  const number = 'externalOrderId' in content ? `#${content.externalOrderId}` : null;
  const fileName = 'fileName' in content ? content.fileName : null;
  return [textOf(content), number, fileName].filter((part) => part !== null).join('\n');
}

type NoteText = Row<'note'> & OfConversation;

export async function textsOfNotes(trx: Transaction<DB>, keys: readonly Key<NoteId>[]): Promise<SearchText[]> {
  if (keys.length === 0) return [];
  const { rows } = await sql<NoteText>`
    select n.*, c.account_id
    from unnest(${tenantsIn(keys)}::uuid[], ${idsIn(keys)}::uuid[]) as k (tenant_id, id)
    join note n on n.tenant_id = k.tenant_id and n.id = k.id
    join conversation c on c.tenant_id = n.tenant_id and c.id = n.conversation_id`.execute(trx);
  return rows.map(textOfNote);
}

function textOfNote(row: NoteText): SearchText {
  return {
    tenantId: row.tenant_id,
    kind: 'note',
    id: row.id,
    conversationId: row.conversation_id,
    accountId: row.account_id,
    at: row.created_at,
    text: row.text,
  };
}

type NameText = Pick<Row<'conversation'>, 'tenant_id' | 'id' | 'account_id' | 'number' | 'buyer_name' | 'created_at'>;

/** The number of conversations and the name of their buyers; joined conversations are not found. */
export async function textsOfConversations(
  trx: Transaction<DB>,
  keys: readonly Key<ConversationId>[],
): Promise<SearchText[]> {
  if (keys.length === 0) return [];
  const { rows } = await sql<NameText>`
    select c.tenant_id, c.id, c.account_id, c.number, c.buyer_name, c.created_at
    from (select distinct tenant_id, id from unnest(${tenantsIn(keys)}::uuid[], ${idsIn(keys)}::uuid[]) as k (tenant_id, id)) k
    join conversation c on c.tenant_id = k.tenant_id and c.id = k.id
    where c.joined_into is null`.execute(trx);
  return rows.map(textOfConversation);
}

function textOfConversation(row: NameText): SearchText {
  return {
    tenantId: row.tenant_id,
    kind: 'conversation',
    id: row.id,
    conversationId: row.id,
    accountId: row.account_id,
    at: row.created_at,
    text: namesOf({ number: row.number, buyerName: row.buyer_name }),
  };
}

export function namesOf({ number, buyerName }: { readonly number: number; readonly buyerName: string | null }): string {
  return buyerName === null ? `#${number}` : `#${number} ${buyerName}`;
}

type NumbersText = Pick<Row<'conversation'>, 'tenant_id' | 'id' | 'account_id' | 'created_at' | 'joined_into'> &
  Pick<Row<'order_facts'>, 'external_order_id' | 'tracking_numbers'>;

/** The numbers of the orders that conversations are about. */
export async function textsOfOrders(trx: Transaction<DB>, keys: readonly Key<ConversationId>[]): Promise<SearchText[]> {
  if (keys.length === 0) return [];
  const { rows } = await sql<NumbersText>`
    select c.tenant_id, c.id, c.account_id, c.created_at, c.joined_into, f.external_order_id, f.tracking_numbers
    from (select distinct tenant_id, id from unnest(${tenantsIn(keys)}::uuid[], ${idsIn(keys)}::uuid[]) as k (tenant_id, id)) k
    join conversation c on c.tenant_id = k.tenant_id and c.id = k.id
    join conversation_order o on o.tenant_id = c.tenant_id and o.conversation_id = c.id
    join order_facts f on f.tenant_id = o.tenant_id and f.order_id = o.order_id`.execute(trx);
  return rows.map(textOfOrder);
}

function textOfOrder(row: NumbersText): SearchText {
  return {
    tenantId: row.tenant_id,
    kind: 'order',
    id: row.id,
    conversationId: row.joined_into ?? row.id,
    accountId: row.account_id,
    at: row.created_at,
    text: numbersIn(row),
  };
}

function numbersIn(row: Pick<Row<'order_facts'>, 'external_order_id' | 'tracking_numbers'>): string {
  return [row.external_order_id, ...row.tracking_numbers].map((number) => `#${number}`).join(' ');
}

/** The numbers of the orders that conversations are about, as they are searched. */
export async function orderNumbersOf(
  trx: Transaction<DB>,
  tenantId: TenantId,
  ids: readonly ConversationId[],
): Promise<Map<ConversationId, string>> {
  const rows = await trx
    .selectFrom('conversation_order as o')
    .innerJoin('order_facts as f', (join) =>
      join.onRef('f.tenant_id', '=', 'o.tenant_id').onRef('f.order_id', '=', 'o.order_id'),
    )
    .select(['o.conversation_id', 'f.external_order_id', 'f.tracking_numbers'])
    .where('o.tenant_id', '=', tenantId)
    .where('o.conversation_id', 'in', ids)
    .execute();
  return new Map(rows.map((row) => [row.conversation_id, numbersIn(row)]));
}

/** The conversations that are about these orders. */
export async function conversationsAbout(
  trx: Transaction<DB>,
  orders: readonly Key<string>[],
): Promise<Key<ConversationId>[]> {
  const { rows } = await sql<Pick<Row<'conversation_order'>, 'tenant_id' | 'conversation_id'>>`
    select distinct o.tenant_id, o.conversation_id
    from unnest(${tenantsIn(orders)}::uuid[], ${idsIn(orders)}::uuid[]) as k (tenant_id, id)
    join conversation_order o on o.tenant_id = k.tenant_id and o.order_id = k.id`.execute(trx);
  return rows.map((row) => ({ tenantId: row.tenant_id, id: row.conversation_id }));
}

function tenantsIn(keys: readonly Key<string>[]): TenantId[] {
  return keys.map(({ tenantId }) => tenantId);
}

function idsIn<Id extends string>(keys: readonly Key<Id>[]): Id[] {
  return keys.map(({ id }) => id);
}
