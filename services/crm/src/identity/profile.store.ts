import type { AgentId, ChannelAccountId, CustomerId, TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB } from '../db.ts';
import { decisionsAmong } from './decision.store.ts';
import { readRegion } from './region.store.ts';
import { type Edge, resolve } from './resolve.domain.ts';

type Trx = Transaction<DB>;

export interface ProfileRow {
  readonly customer_id: CustomerId;
  readonly id: CustomerId;
  readonly account_id: ChannelAccountId | null;
  readonly value: string | null;
  readonly display_name: string | null;
  readonly first_seen_at: Date;
}

/** The profiles of customers, the oldest first. Where the caller does not see the store, they do not see the profile. */
export async function readProfilesOf(
  trx: Trx,
  tenantId: TenantId,
  customerIds: readonly CustomerId[],
): Promise<ProfileRow[]> {
  const { rows } = await sql<ProfileRow>`
    select p.customer_id, p.id, p.account_id, i.value, p.display_name, p.first_seen_at
    from profile p
    left join customer_identity i on i.tenant_id = p.tenant_id and i.profile_id = p.id and i.kind = 'platform'
    where p.tenant_id = ${tenantId} and p.customer_id = any(${customerIds}::uuid[])
      and (i.value is not null or p.account_id is null or p.is_erased)
    order by p.id`.execute(trx);
  return rows;
}

/** A tie with what was said when somebody decided it. */
export interface ShownEdge extends Edge {
  readonly decidedBy?: AgentId | null;
  readonly reason?: string | null;
}

/** What holds a customer together. */
export async function readEdgesOf(trx: Trx, tenantId: TenantId, customerId: CustomerId): Promise<ShownEdge[]> {
  const region = await readRegion(trx, tenantId, [customerId]);
  const own = region.profiles.flatMap(({ id }) => (region.stored.get(id) === customerId ? [id] : []));
  const decisions = await decisionsAmong(trx, tenantId, own);
  const members = new Set(own);
  return resolve(region)
    .edges.filter(({ pair: [a, b] }) => members.has(a) && members.has(b))
    .map((edge) => {
      const decision = decisions.find(({ id }) => id === edge.decisionId);
      return { ...edge, decidedBy: decision?.decidedBy ?? null, reason: decision?.reason ?? null };
    });
}
