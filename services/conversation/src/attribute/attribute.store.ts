import type { ConversationId, TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';
import type { Attribute, AttributeValue } from './attribute.domain.ts';

type Trx = Transaction<DB>;

/** Locks the attributes of a workspace, also the ones that it does not have yet. */
export async function lockAttributes(trx: Trx, tenantId: TenantId): Promise<Attribute[]> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`attributes ${tenantId}`}, 0))`.execute(trx);
  return attributesOf(trx, tenantId);
}

/** All attributes of a workspace, by key; also the archived ones. */
export async function attributesOf(trx: Trx, tenantId: TenantId): Promise<Attribute[]> {
  const rows = await trx
    .selectFrom('attribute_definition')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .orderBy('key')
    .execute();
  return rows.map(toAttribute);
}

export async function saveAttribute(trx: Trx, attribute: Attribute, now: Date): Promise<void> {
  const values = {
    label_zh: attribute.labelZh,
    label_en: attribute.labelEn,
    choices: JSON.stringify(attribute.choices),
    is_filterable: attribute.isFilterable,
    is_archived: attribute.isArchived,
    version: attribute.version,
  };
  const { tenantId: tenant_id, id, key, type } = attribute;
  await trx
    .insertInto('attribute_definition')
    .values({ tenant_id, id, key, type, ...values, created_at: now })
    .onConflict((clash) => clash.columns(['tenant_id', 'key']).doUpdateSet(values))
    .execute();
}

type ValueRow = Row<'attribute_definition'> & { readonly conversation_id: ConversationId; readonly value: string };

/** The values of conversations, by key; also those of archived attributes. */
export async function attributesOfConversations(
  trx: Trx,
  tenantId: TenantId,
  ids: readonly ConversationId[],
): Promise<Map<ConversationId, AttributeValue[]>> {
  const { rows } = await sql<ValueRow>`
    select d.*, v.conversation_id, coalesce(v.text_value, v.number_value::text, v.date_value::text) as value
    from attribute_value v
    join attribute_definition d on d.tenant_id = v.tenant_id and d.key = v.key
    where v.tenant_id = ${tenantId} and v.conversation_id = any(${ids}::uuid[]) order by v.key`.execute(trx);
  const found = Map.groupBy(rows, (row) => row.conversation_id);
  return new Map([...found].map(([id, all]) => [id, all.map(toValue)]));
}

interface Place {
  readonly tenantId: TenantId;
  readonly id: ConversationId;
}

/** Gives a conversation a value, or takes it away (null). */
export async function saveValue(
  trx: Trx,
  { tenantId, id }: Place,
  { key, type }: Attribute,
  value: string | null,
): Promise<void> {
  if (value === null) {
    await trx
      .deleteFrom('attribute_value')
      .where('tenant_id', '=', tenantId)
      .where('conversation_id', '=', id)
      .where('key', '=', key)
      .execute();
    return;
  }
  const [number, date] = [type === 'number' ? value : null, type === 'date' ? value : null];
  const text = number === null && date === null ? value : null;
  await sql`
    insert into attribute_value (tenant_id, conversation_id, key, text_value, number_value, date_value)
    values (${tenantId}, ${id}, ${key}, ${text}, ${number}::float8, ${date}::date)
    on conflict (tenant_id, conversation_id, key) do update set text_value = excluded.text_value,
      number_value = excluded.number_value, date_value = excluded.date_value`.execute(trx);
}

/** The values of a conversation go where its messages go; what the other one has stays. */
export async function moveValues(trx: Trx, tenantId: TenantId, from: ConversationId, into: ConversationId) {
  await sql`
    with moved as (
      delete from attribute_value where tenant_id = ${tenantId} and conversation_id = ${from}
      returning key, text_value, number_value, date_value)
    insert into attribute_value (tenant_id, conversation_id, key, text_value, number_value, date_value)
    select ${tenantId}, ${into}, key, text_value, number_value, date_value from moved
    on conflict (tenant_id, conversation_id, key) do nothing`.execute(trx);
}

/** Deletes what people wrote about a conversation. Returns how many values. */
export async function eraseTexts(trx: Trx, tenantId: TenantId, id: ConversationId): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from attribute_value v using attribute_definition d
    where v.tenant_id = ${tenantId} and v.conversation_id = ${id} and d.tenant_id = v.tenant_id and d.key = v.key
      and d.type in ('text', 'link')`.execute(trx);
  return Number(numAffectedRows ?? 0n);
}

function toValue(row: ValueRow): AttributeValue {
  const { value } = row;
  // Postgres writes small numbers with an exponent.
  return { attribute: toAttribute(row), value: row.type === 'number' ? String(Number(value)) : value };
}

function toAttribute(row: Row<'attribute_definition'>): Attribute {
  return {
    tenantId: row.tenant_id,
    id: row.id,
    key: row.key,
    labelZh: row.label_zh,
    labelEn: row.label_en,
    type: row.type,
    choices: row.choices,
    isFilterable: row.is_filterable,
    isArchived: row.is_archived,
    version: row.version,
  };
}
