import { type ConversationId, newId, type TenantId } from '@crossdesk/contracts';
import { foldedName } from '@crossdesk/folded-text';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';
import type { Tag, TagColour, TagId } from './tag.domain.ts';

type Trx = Transaction<DB>;

/** Locks the tags of a workspace, also the ones that it does not have yet, and counts them. */
export async function lockTags(trx: Trx, tenantId: TenantId): Promise<number> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`tags ${tenantId}`}, 0))`.execute(trx);
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from tag where tenant_id = ${tenantId}`.execute(trx);
  return rows[0]?.count ?? 0;
}

export async function tagsByFoldedNames(trx: Trx, tenantId: TenantId, folded: readonly string[]): Promise<Tag[]> {
  const rows = await trx
    .selectFrom('tag')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('folded_name', 'in', folded)
    .execute();
  return rows.map(toTag);
}

/** All tags of a workspace, by name. */
export async function tagsOf(trx: Trx, tenantId: TenantId): Promise<Tag[]> {
  const rows = await trx
    .selectFrom('tag')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .orderBy('folded_name')
    .execute();
  return rows.map(toTag);
}

export function newTag(tenantId: TenantId, name: string, colour: TagColour): Tag {
  return { tenantId, id: newId<TagId>(), name, colour };
}

export async function saveTag(trx: Trx, { tenantId, id, name, colour }: Tag): Promise<void> {
  await trx
    .insertInto('tag')
    .values({ tenant_id: tenantId, id, name, folded_name: foldedName(name), colour })
    .onConflict((clash) => clash.columns(['tenant_id', 'id']).doUpdateSet({ name, colour }))
    .execute();
}

/** The tags of conversations, by name. */
export async function tagsOfConversations(
  trx: Trx,
  tenantId: TenantId,
  ids: readonly ConversationId[],
): Promise<Map<ConversationId, Tag[]>> {
  const { rows } = await sql<Row<'tag'> & Pick<Row<'conversation_tag'>, 'conversation_id'>>`
    select c.conversation_id, t.* from conversation_tag c
    join tag t on t.tenant_id = c.tenant_id and t.id = c.tag_id
    where c.tenant_id = ${tenantId} and c.conversation_id = any(${ids}::uuid[]) order by t.folded_name`.execute(trx);
  const found = new Map<ConversationId, Tag[]>();
  for (const row of rows) found.set(row.conversation_id, [...(found.get(row.conversation_id) ?? []), toTag(row)]);
  return found;
}

type TagsOf = { readonly tenantId: TenantId; readonly id: ConversationId };

/** False: the conversation has them already. */
export async function addTags(trx: Trx, { tenantId, id }: TagsOf, tags: readonly Tag[]): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await trx
    .insertInto('conversation_tag')
    .values(tags.map((tag) => ({ tenant_id: tenantId, conversation_id: id, tag_id: tag.id })))
    .onConflict((clash) => clash.columns(['tenant_id', 'conversation_id', 'tag_id']).doNothing())
    .executeTakeFirst();
  return (numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/** False: the conversation has none of them. */
export async function removeTags(trx: Trx, { tenantId, id }: TagsOf, tags: readonly Tag[]): Promise<boolean> {
  const { numDeletedRows } = await trx
    .deleteFrom('conversation_tag')
    .where('tenant_id', '=', tenantId)
    .where('conversation_id', '=', id)
    .where(
      'tag_id',
      'in',
      tags.map((tag) => tag.id),
    )
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

export async function moveTags(
  trx: Trx,
  tenantId: TenantId,
  from: ConversationId,
  into: ConversationId,
): Promise<void> {
  await sql`
    with moved as (
      delete from conversation_tag where tenant_id = ${tenantId} and conversation_id = ${from} returning tenant_id, tag_id)
    insert into conversation_tag (tenant_id, conversation_id, tag_id)
    select tenant_id, ${into}, tag_id from moved
    on conflict (tenant_id, conversation_id, tag_id) do nothing`.execute(trx);
}

function toTag({ tenant_id: tenantId, id, name, colour }: Row<'tag'>): Tag {
  return { tenantId, id, name, colour };
}
