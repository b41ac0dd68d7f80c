import type { CustomerId, TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';
import { listCustomers, type Segment } from '../value/segment/segment.store.ts';
import { readSettings } from '../value/stats/settings.store.ts';
import { readSources } from '../value/stats/stats.store.ts';
import { readStats } from '../value/tier/tier-shown.store.ts';
import type { AnalysisSource } from './analysis.domain.ts';

type Trx = Transaction<DB>;

/** The customers of a segment that are looked at: the latest known. */
const customersMax = 2_000;

/** What is known of the customers of a segment, the latest `customersMax` of them. */
export async function readAnalysisSource(trx: Trx, segment: Segment, now: Date): Promise<AnalysisSource> {
  const { tenantId, condition } = segment;
  const { model, rates } = await readSettings(trx, tenantId);
  const scope = { tenantId, condition, text: '', currency: model.currency, now };
  const listed = await listCustomers(trx, scope, { first: customersMax, after: null });
  const ids = listed.slice(0, customersMax).map(({ id }) => id);
  const sources = await readSources(trx, tenantId, ids);
  const stats = new Map((await readStats(trx, tenantId, ids)).map((row) => [row.customer_id, row]));
  const channels = await channelsOf(trx, tenantId, ids);
  return {
    customers: sources.map(({ customerId, orders }) => {
      const latest = orders.toSorted((a, b) => b.placedAt.getTime() - a.placedAt.getTime());
      return {
        orders,
        tier: stats.get(customerId)?.tier ?? null,
        yearSpentMinor: BigInt(stats.get(customerId)?.year_spent_minor ?? 0),
        region: latest.find(({ region }) => region !== null)?.region ?? null,
        channels: channels.get(customerId) ?? [],
      };
    }),
    enquiries: await enquiriesOf(trx, tenantId, ids, now),
    ...{ model, rates, now },
  };
}

async function channelsOf(
  trx: Trx,
  tenantId: TenantId,
  ids: readonly CustomerId[],
): Promise<Map<CustomerId, string[]>> {
  const { rows } = await sql<{ customer_id: CustomerId; channels: string[] }>`
    select l.customer_id, array_agg(distinct c.channel) as channels from conversation_link l
    join contact_point c on c.tenant_id = l.tenant_id and c.conversation_id = l.conversation_id
    where l.tenant_id = ${tenantId} and l.customer_id = any(${ids}::uuid[])
    group by l.customer_id`.execute(trx);
  return new Map(rows.map((row) => [row.customer_id, row.channels]));
}

/** What the conversations of customers were about that the buyer last wrote in within a year. */
async function enquiriesOf(trx: Trx, tenantId: TenantId, ids: readonly CustomerId[], now: Date) {
  const { rows } = await sql<{ readonly enquiry_type: Row<'conversation_topic'>['enquiry_type'] | null }>`
    select t.enquiry_type from conversation_link l
    join contact_point c on c.tenant_id = l.tenant_id and c.conversation_id = l.conversation_id
      and c.last_inbound_at > ${now}::timestamptz - interval '365 days'
    left join conversation_topic t on t.tenant_id = l.tenant_id and t.conversation_id = l.conversation_id
    where l.tenant_id = ${tenantId} and l.customer_id = any(${ids}::uuid[])`.execute(trx);
  return rows.map((row) => row.enquiry_type);
}
