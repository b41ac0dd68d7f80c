import { type CustomerId, type MergeProposalId, newId, type TenantId } from '@crossdesk/contracts';
import { countRows, type Keyset } from '@crossdesk/service-kit';
import { sql, type Transaction } from 'kysely';
import type { AgentId } from '@crossdesk/contracts';
import type { DB, Row } from '../db.ts';
import type { Proposal } from './proposal.domain.ts';

type Trx = Transaction<DB>;

/**
 * Keeps what is proposed within a region: proposals that speak of it and are not found any more are gone, also one that
 * was accepted before and undone since is asked again.
 */
export async function saveProposals(
  trx: Trx,
  tenantId: TenantId,
  {
    region,
    proposals,
    now,
  }: { readonly region: readonly CustomerId[]; readonly proposals: readonly Proposal[]; readonly now: Date },
): Promise<void> {
  const keys = proposals.map(({ pair }) => pair.join(' '));
  await sql`
    update merge_proposal set state = 'gone'
    where tenant_id = ${tenantId} and state = 'open'
      and (profile_a = any(${region}::uuid[]) or profile_b = any(${region}::uuid[]))
      and not (concat_ws(' ', profile_a, profile_b) = any(${keys}::text[]))`.execute(trx);
  for (const {
    pair: [a, b],
    score,
    reasons,
  } of proposals) {
    await sql`
      insert into merge_proposal as known (tenant_id, id, profile_a, profile_b, score, reasons, state, found_at)
      values (${tenantId}, ${newId<MergeProposalId>()}, ${a}, ${b}, ${score}, ${reasons}::text[], 'open', ${now})
      on conflict (tenant_id, profile_a, profile_b) do update
      set score = excluded.score, reasons = excluded.reasons, state = 'open',
        found_at = case when known.state = 'open' then known.found_at else excluded.found_at end
      where (known.score, known.reasons, known.state) is distinct from (excluded.score, excluded.reasons, 'open')`.execute(
      trx,
    );
  }
}

export type ProposalRow = Row<'merge_proposal'>;

const openOnes = (tenantId: TenantId) => sql`from merge_proposal where tenant_id = ${tenantId} and state = 'open'`;

/** A page of what is to be decided, the latest first, and one more. */
export async function openProposals(
  trx: Trx,
  tenantId: TenantId,
  { first, after }: { readonly first: number; readonly after: Keyset | null },
): Promise<ProposalRow[]> {
  const behind = after === null ? sql`` : sql`and id < ${after.id}::uuid`;
  const { rows } = await sql<ProposalRow>`
    select * ${openOnes(tenantId)} ${behind} order by id desc limit ${first + 1}`.execute(trx);
  return rows;
}

export function countOpenProposals(trx: Trx, tenantId: TenantId): Promise<number> {
  return countRows(trx, sql`select 1 ${openOnes(tenantId)}`);
}

export async function readProposal(trx: Trx, tenantId: TenantId, id: MergeProposalId): Promise<ProposalRow | null> {
  const row = await trx
    .selectFrom('merge_proposal')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .executeTakeFirst();
  return row ?? null;
}

export async function settleProposal(
  trx: Trx,
  { tenant_id: tenantId, id }: ProposalRow,
  settled: { readonly state: 'accepted' | 'declined'; readonly by: AgentId; readonly at: Date },
): Promise<void> {
  await trx
    .updateTable('merge_proposal')
    .set({ state: settled.state, decided_by: settled.by, decided_at: settled.at })
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .execute();
}
