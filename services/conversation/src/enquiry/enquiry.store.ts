import type { TenantId } from '@crossdesk/contracts';
import { foldedName } from '@crossdesk/folded-text';
import { sql, type Transaction } from 'kysely';
import type { EnquiryType } from '../conversation/conversation.domain.ts';
import type { DB, Row } from '../db.ts';

export type Subtype = Row<'enquiry_subtype'>;

/** The sub-type as the workspace spells it; a new one is made. Null: there are too many. */
export async function saveSubtype(
  trx: Transaction<DB>,
  tenantId: TenantId,
  type: EnquiryType,
  name: string,
  max: number,
): Promise<string | null> {
  const { rows } = await sql<{ name: string }>`
    with known as (
      select name from enquiry_subtype
      where tenant_id = ${tenantId} and type = ${type} and folded_name = ${foldedName(name)}
    ), made as (
      insert into enquiry_subtype (tenant_id, type, folded_name, name)
      select ${tenantId}, ${type}, ${foldedName(name)}, ${name}
      where not exists (select from known) and (select count(*) from enquiry_subtype where tenant_id = ${tenantId}) < ${max}
      on conflict do nothing
      returning name
    ) select name from known union all select name from made`.execute(trx);
  return rows[0]?.name ?? null;
}

export function subtypesOf(trx: Transaction<DB>, tenantId: TenantId): Promise<Subtype[]> {
  return trx
    .selectFrom('enquiry_subtype')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .orderBy('type')
    .orderBy('folded_name')
    .execute();
}
