import { idCharactersMax } from '@crossdesk/channels/adapters';
import type { ChannelAccountId, TenantId } from '@crossdesk/contracts';
import { cleaned, textArray } from '@crossdesk/service-kit';
import { sql } from 'kysely';
import type { Row, Trx } from '../db.ts';
import type { IncomingFact } from '../fact.ts';
import { storableKeyOf } from './storable-key.ts';

export type LongId = Row<'long_id'>;

/** The ids of a message that calls to the platform need whole. */
export function longIdsOf({ account, fact }: Pick<IncomingFact, 'account' | 'fact'>): LongId[] {
  if (fact.type !== 'message') return [];
  const { externalThreadId, buyer } = fact.message;
  return [externalThreadId, buyer.externalId]
    .filter((id) => id.length > idCharactersMax)
    .map((id) => ({ tenant_id: account.tenantId, account_id: account.id, id: storableKeyOf(id), whole_id: id }));
}

export async function insertLongIds(trx: Trx, named: readonly LongId[]): Promise<void> {
  if (named.length === 0) return;
  // The parts of a message name the same ids.
  const ids = [...new Map(named.map((one) => [`${one.account_id} ${one.id}`, one])).values()];
  await sql`
    insert into long_id (tenant_id, account_id, id, whole_id)
    select * from unnest(${ids.map((i) => i.tenant_id)}::uuid[],
      ${ids.map((i) => i.account_id)}::uuid[], ${ids.map((i) => i.id)}::text[], ${textArray(ids.map((i) => cleaned(i.whole_id)))}::text[])
    order by 1, 2, 3
    on conflict do nothing`.execute(trx);
}

/** The whole id for each of these as the platform knows it, in the same order. */
export async function wholeIds(
  trx: Trx,
  at: { readonly tenantId: TenantId; readonly accountId: ChannelAccountId },
  ids: readonly string[],
): Promise<string[]> {
  if (ids.every((id) => id.length < idCharactersMax - 1)) return [...ids];
  const rows = await trx
    .selectFrom('long_id')
    .select(['id', 'whole_id'])
    .where('tenant_id', '=', at.tenantId)
    .where('account_id', '=', at.accountId)
    .where('id', 'in', ids)
    .execute();
  const known = new Map(rows.map((row) => [row.id, row.whole_id]));
  return ids.map((id) => known.get(id) ?? id);
}
