import type { CustomerId, TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import { buyerIdsOf } from '../customer/buyer-ids.ts';
import type { DB, Row } from '../db.ts';
import { isPassed } from '../order/stage.domain.ts';
import { stagesOf } from '../order/order-stage.store.ts';
import type { GateFacts } from './gate.domain.ts';
import type { Outreach } from './outreach.domain.ts';

type Trx = Transaction<DB>;
type Goal = Pick<GateFacts, 'isGoalMet' | 'isCancelled' | 'isPaused'> & Pick<Outreach, 'texts'>;

/** Whether what a message is for is still wanted, by what planned it, and its texts. */
export function goalOf(trx: Trx, one: Outreach, customerId: CustomerId): Promise<Goal> {
  switch (one.kind) {
    case 'stage-notice':
      return goalOfNotice(trx, one);
    case 'survey':
      // What is planned for a conversation that is opened again is ended there.
      return Promise.resolve({ isGoalMet: false, isCancelled: false, isPaused: false, texts: one.texts });
    case 'campaign':
      return goalOfCampaign(trx, one, customerId);
  }
}

/** The stage of the order. */
async function goalOfNotice(trx: Trx, { tenantId, subject, texts }: Outreach): Promise<Goal> {
  const [orderId = '', stage = ''] = subject.split(' ');
  const stages = await stagesOf(trx, tenantId, orderId);
  return { isGoalMet: isPassed(stage, stages), isCancelled: stages.includes('cancelled'), isPaused: false, texts };
}

/**
 * The state of the campaign, locked until the decision is committed: whoever pauses or cancels it waits so long, and
 * nothing goes out afterwards. Marketing has met its goal when the customer bought after the launch.
 */
async function goalOfCampaign(
  trx: Trx,
  { tenantId, subject, purpose }: Outreach,
  customerId: CustomerId,
): Promise<Goal> {
  const { rows } = await sql<Pick<Row<'campaign'>, 'state' | 'launched_at' | 'texts'>>`
    select state, launched_at, texts from campaign where tenant_id = ${tenantId} and id = ${subject}::uuid for share`.execute(
    trx,
  );
  const [campaign] = rows;
  const since = campaign?.launched_at ?? null;
  return {
    isGoalMet: purpose === 'marketing' && since !== null && (await hasBoughtSince(trx, tenantId, customerId, since)),
    isCancelled: campaign === undefined || campaign.state === 'cancelled',
    isPaused: campaign?.state === 'paused',
    // Not copied into each row: a million have the same.
    texts: campaign?.texts ?? [],
  };
}

async function hasBoughtSince(trx: Trx, tenantId: TenantId, customerId: CustomerId, since: Date): Promise<boolean> {
  const { rows } = await sql`
    select from (${buyerIdsOf(tenantId, sql`${customerId}::uuid`)}) as i
    join order_ref o on o.tenant_id = ${tenantId} and o.account_id = i.account_id and o.buyer_external_id = i.value
    where o.placed_at > ${since} and o.state is distinct from 'pending_payment' and o.state is distinct from 'cancelled'
    limit 1`.execute(trx);
  return rows.length > 0;
}
