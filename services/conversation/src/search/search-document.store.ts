import type { ChannelAccountId, ConversationId, TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';
import { vectorOf } from './terms.domain.ts';

/** A text that can be found. */
export interface SearchText extends DocumentKey {
  readonly conversationId: ConversationId;
  readonly accountId: ChannelAccountId;
  readonly at: Date;
  readonly text: string;
}

export interface DocumentKey {
  readonly tenantId: TenantId;
  readonly kind: Row<'search_document'>['kind'];
  readonly id: string;
}

/** Makes the index say these texts; one without words is not in it. Returns how many documents were different. */
export async function saveTexts(trx: Transaction<DB>, texts: readonly SearchText[]): Promise<number> {
  const { rows, empty } = await documentsOf(trx, texts);
  return (await upsert(trx, rows)) + (await deleteDocuments(trx, empty));
}

/** Adds texts that the index does not have; the others are kept by somebody else. */
export async function saveMissingTexts(trx: Transaction<DB>, texts: readonly SearchText[]): Promise<void> {
  const { rows } = await documentsOf(trx, texts);
  if (rows.length === 0) return;
  await sql`
    insert into search_document
    select * from json_populate_recordset(null::search_document, ${JSON.stringify(rows)}::json)
    order by tenant_id, id, kind
    on conflict (tenant_id, id, kind) do nothing`.execute(trx);
}

async function documentsOf(trx: Transaction<DB>, texts: readonly SearchText[]) {
  const numbers = await workspaceNumbers(trx, new Set(texts.map(({ tenantId }) => tenantId)));
  const rows = new Map<string, Row<'search_document'>>();
  const empty: DocumentKey[] = [];
  for (const text of texts) {
    const row = rowOf(text, numbers.get(text.tenantId));
    if (row === null) empty.push(text);
    else rows.set(`${row.tenant_id} ${row.id} ${row.kind}`, row);
  }
  return { rows: [...rows.values()], empty };
}

function rowOf(text: SearchText, workspaceNumber: number | undefined): Row<'search_document'> | null {
  const terms = workspaceNumber === undefined ? null : vectorOf(workspaceNumber, text.text);
  if (terms === null) return null;
  const { tenantId, kind, id, conversationId, accountId, at } = text;
  return { tenant_id: tenantId, kind, id, conversation_id: conversationId, account_id: accountId, at, terms };
}

async function upsert(trx: Transaction<DB>, rows: readonly Row<'search_document'>[]): Promise<number> {
  if (rows.length === 0) return 0;
  const { numAffectedRows } = await sql`
    insert into search_document as d
    select * from json_populate_recordset(null::search_document, ${JSON.stringify(rows)}::json)
    order by tenant_id, id, kind
    on conflict (tenant_id, id, kind) do update
    set conversation_id = excluded.conversation_id, account_id = excluded.account_id, at = excluded.at, terms = excluded.terms
    where (d.conversation_id, d.account_id, d.at, d.terms)
      is distinct from (excluded.conversation_id, excluded.account_id, excluded.at, excluded.terms)`.execute(trx);
  return Number(numAffectedRows ?? 0);
}

async function deleteDocuments(trx: Transaction<DB>, keys: readonly DocumentKey[]): Promise<number> {
  if (keys.length === 0) return 0;
  const [tenants, ids] = [keys.map(({ tenantId }) => tenantId), keys.map(({ id }) => id)];
  const { numAffectedRows } = await sql`
    delete from search_document d
    using unnest(${tenants}::uuid[], ${ids}::uuid[], ${keys.map(({ kind }) => kind)}::text[]) as k (tenant_id, id, kind)
    where d.tenant_id = k.tenant_id and d.id = k.id and d.kind = k.kind and d.id = any(${ids}::uuid[])`.execute(trx);
  return Number(numAffectedRows ?? 0);
}

/** Forgets everything of a conversation. Returns how many documents. */
export async function deleteDocumentsOf(
  trx: Transaction<DB>,
  tenantId: TenantId,
  conversationId: ConversationId,
): Promise<number> {
  const { numDeletedRows } = await trx
    .deleteFrom('search_document')
    .where('tenant_id', '=', tenantId)
    .where('conversation_id', '=', conversationId)
    .executeTakeFirst();
  return Number(numDeletedRows);
}

/** The texts of a conversation are in another one now; its own name and number are not found any more. */
export async function moveDocuments(
  trx: Transaction<DB>,
  tenantId: TenantId,
  from: ConversationId,
  into: ConversationId,
): Promise<void> {
  await sql`
    delete from search_document
    where tenant_id = ${tenantId} and conversation_id = ${from} and kind = 'conversation'`.execute(trx);
  await sql`
    update search_document d set conversation_id = ${into}
    where d.tenant_id = ${tenantId} and d.conversation_id = ${from}`.execute(trx);
  // Messages that turned out to be the same as others were deleted.
  await sql`
    delete from search_document d
    where d.tenant_id = ${tenantId} and d.conversation_id = ${into} and d.kind = 'message'
      and not exists (select from message m where m.tenant_id = d.tenant_id and m.id = d.id)`.execute(trx);
}

/** Makes the index say in which of these conversations their messages and notes are; it forgets those that are merged. */
export async function placeDocuments(
  trx: Transaction<DB>,
  tenantId: TenantId,
  ids: readonly ConversationId[],
): Promise<void> {
  for (const kind of ['message', 'note'] as const)
    await sql`
      update search_document d set conversation_id = t.conversation_id
      from ${sql.table(kind)} t
      where d.tenant_id = ${tenantId} and d.conversation_id = any(${ids}::uuid[]) and d.kind = ${kind}
        and t.tenant_id = d.tenant_id and t.id = d.id and t.conversation_id <> d.conversation_id`.execute(trx);
  await sql`
    delete from search_document d using conversation c
    where d.tenant_id = ${tenantId} and d.conversation_id = any(${ids}::uuid[]) and d.kind = 'conversation'
      and c.tenant_id = d.tenant_id and c.id = d.conversation_id and c.joined_into is not null`.execute(trx);
}

/** The number of each workspace; one that has none yet gets the next. */
async function workspaceNumbers(
  trx: Transaction<DB>,
  tenantIds: ReadonlySet<TenantId>,
): Promise<ReadonlyMap<TenantId, number>> {
  const ids = [...tenantIds];
  if (ids.length === 0) return new Map();
  const found = await numbersOf(trx, ids);
  const missing = ids.filter((id) => !found.has(id)).sort();
  if (missing.length === 0) return found;
  await sql`
    insert into search_workspace (tenant_id) select unnest(${missing}::uuid[])
    on conflict (tenant_id) do nothing`.execute(trx);
  return numbersOf(trx, ids);
}

async function numbersOf(trx: Transaction<DB>, tenantIds: readonly TenantId[]): Promise<Map<TenantId, number>> {
  const rows = await trx
    .selectFrom('search_workspace')
    .select(['tenant_id', 'number'])
    .where('tenant_id', 'in', tenantIds)
    .execute();
  return new Map(rows.map((row) => [row.tenant_id, row.number]));
}

/** The number of a workspace; null if nothing of it can be found yet. */
export async function workspaceNumber(trx: Transaction<DB>, tenantId: TenantId): Promise<number | null> {
  return (await numbersOf(trx, [tenantId])).get(tenantId) ?? null;
}
