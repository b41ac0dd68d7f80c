import { newId } from '@crossdesk/contracts';
import { addDueWork, type ServiceRuntime, startDueWork } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import type { DB } from '../db.ts';
import { armOf } from '../outreach/arm.ts';
import type { PlannedOutreach } from '../outreach/outreach.domain.ts';
import { planOutreach } from '../outreach/outreach.store.ts';
import { readModelInForce } from '../value/tier/tier-model.store.ts';
import type { Campaign } from './campaign.domain.ts';
import { campaignFinished } from './campaign.events.ts';
import { claimCampaign, nextLookInMs, saveCampaign, tallyOf } from './campaign.store.ts';
import { customersMeant, type Member, nextMembers, openMessages, saveMembers } from './member.store.ts';

type Deps = Pick<ServiceRuntime<DB>, 'outbox' | 'clock'>;
type Trx = Transaction<DB>;

/** A command nudges in its own process; another process looks at this interval. */
const pollMs = 5_000;
const frozenPage = 500;
const releasedPage = 100;
/** So many messages are with the gate at once: who pauses or fails early stops nearly everything. */
const openMax = 200;
/** How soon it looks again at a campaign whose messages are not over. */
const lookAgainMs = 2_000;
const hourMs = 3_600_000;

/** Freezes the members of campaigns, plans their messages and ends them; a page and its place in one transaction. */
export function addCampaignJob(runtime: ServiceRuntime<DB>, nudgeGate: () => void): () => void {
  const { db, clock, log } = runtime;
  return addDueWork(runtime, () =>
    startDueWork({
      ...{ name: 'campaigns', pollMs, concurrencyMax: 1, log },
      nextDueInMs: () => db.asWorker((trx) => nextLookInMs(trx, clock.now())),
      claim: async () => {
        const step = await db.asWorker((trx) => continueCampaign(runtime, trx));
        if (step === 'planned') nudgeGate();
        return step === null ? [] : [step];
      },
      // The claim has done it all.
      work: () => Promise.resolve(),
    }),
  );
}

/** One step of the campaign that has waited longest; null if none is due. A crash leaves it as it was before the step. */
export async function continueCampaign(
  deps: Deps,
  trx: Trx,
): Promise<'frozen' | 'planned' | 'waits' | 'finished' | null> {
  const now = deps.clock.now();
  const campaign = await claimCampaign(trx, now);
  if (campaign === null) return null;
  if (!campaign.isFrozen) return freeze(trx, campaign, now);
  const { isFull, isAnyOpen } = await openMessages(trx, campaign, openMax);
  if (!campaign.isReleased && !isFull) return release(trx, campaign, now);
  if (!campaign.isReleased || isAnyOpen) {
    await saveCampaign(trx, { ...campaign, lookAt: new Date(now.getTime() + lookAgainMs) });
    return 'waits';
  }
  const finished: Campaign = {
    ...{ ...campaign, state: 'finished', finishedAt: now, lookAt: null },
    ...{ version: campaign.version + 1, updatedAt: now },
  };
  await saveCampaign(trx, finished);
  await deps.outbox.append(trx, [campaignFinished(finished, await tallyOf(trx, finished))]);
  return 'finished';
}

async function freeze(trx: Trx, campaign: Campaign, now: Date): Promise<'frozen'> {
  const { tenantId, id, launchedAt, frozenAfter, holdOutShare, memberCount } = campaign;
  const { model } = await readModelInForce(trx, tenantId);
  const page = { currency: model.currency, at: launchedAt ?? now, after: frozenAfter, limit: frozenPage };
  const profileIds = await customersMeant(trx, campaign, page);
  const last = profileIds.at(-1);
  if (last === undefined) {
    await saveCampaign(trx, { ...campaign, isFrozen: true, lookAt: now });
    return 'frozen';
  }
  const members = profileIds.map((profileId) => ({ profileId, arm: armOf(id, profileId, holdOutShare) }));
  await saveMembers(trx, campaign, members);
  await saveCampaign(trx, { ...campaign, frozenAfter: last, memberCount: memberCount + members.length, lookAt: now });
  return 'frozen';
}

async function release(trx: Trx, campaign: Campaign, now: Date): Promise<'planned'> {
  const members = await nextMembers(trx, campaign, releasedPage);
  const last = members.at(-1);
  await planOutreach(
    trx,
    members.map((member) => plannedFor(campaign, member, now)),
    now,
  );
  const place = last === undefined ? { isReleased: true } : { releasedAfter: last.profileId };
  await saveCampaign(trx, { ...campaign, ...place, lookAt: now });
  return 'planned';
}

/** The message for a member. Its texts stay with the campaign. */
export function plannedFor(campaign: Campaign, member: Member, now: Date): PlannedOutreach {
  const { tenantId, id, purpose, accountId, holdOutShare, validHours } = campaign;
  const { profileId, arm, variables } = member;
  return {
    ...{ tenantId, id: newId(), kind: 'campaign', purpose, subject: id, profileId, accountId },
    dedupeKey: `campaign ${id} ${profileId}`,
    ...{ texts: [], variables, holdOutShare, arm, zone: 'UTC', dueAt: now },
    notAfter: new Date(now.getTime() + validHours * hourMs),
  };
}
