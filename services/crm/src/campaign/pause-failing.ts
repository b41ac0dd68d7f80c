import { type CampaignId, parseId, type TenantId } from '@crossdesk/contracts';
import type { Clock } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import type { DB } from '../db.ts';
import { whyPause } from './campaign.domain.ts';
import { firstOnes, lockCampaign, saveCampaign } from './campaign.store.ts';

/** Pauses campaigns of whose first messages too many were not delivered. `failed` has the subject of each such message. */
export async function pauseFailing(
  { clock }: { readonly clock: Clock },
  trx: Transaction<DB>,
  failed: readonly { readonly tenantId: TenantId; readonly subject: string }[],
): Promise<void> {
  const campaigns = new Map(failed.map((one) => [one.subject, one]));
  for (const [subject, { tenantId }] of [...campaigns].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const campaignId = parseId<CampaignId>(subject);
    const campaign = campaignId === null ? null : await lockCampaign(trx, tenantId, campaignId);
    if (campaign === null) continue;
    const pauseReason = whyPause(campaign, await firstOnes(trx, campaign));
    if (pauseReason === null) continue;
    const now = clock.now();
    await saveCampaign(trx, {
      ...{ ...campaign, state: 'paused', pauseReason, lookAt: null, updatedAt: now },
      version: campaign.version + 1,
    });
  }
}
