import { type CustomerId, newId } from '@crossdesk/contracts';
import type { Transaction } from 'kysely';
import type { DB } from '../db.ts';
import { armOf } from '../outreach/arm.ts';
import { type GateDeps, judgeOutreach } from '../outreach/decide.commands.ts';
import { readSegments } from '../value/segment/segment.store.ts';
import { readModelInForce } from '../value/tier/tier-model.store.ts';
import type { Campaign } from './campaign.domain.ts';
import { plannedFor } from './campaign-job.ts';
import { customersMeant, variablesOf } from './member.store.ts';

/** One customer of a dry run. */
export interface DrySample {
  readonly customerId: CustomerId;
  /** SEND, or why not now. */
  readonly verdict: string;
  /** What would be written; null: no text fits. */
  readonly text: string | null;
}

export interface DryRun {
  readonly lookedAtCount: number;
  /** Whether these are all who are meant. */
  readonly isComplete: boolean;
  /** SEND and the reasons, the most frequent first. */
  readonly verdicts: readonly { readonly verdict: string; readonly count: number }[];
  readonly sample: readonly DrySample[];
}

const lookedAtMax = 300;
const samplesMax = 10;

/** Asks the gate of each customer who is meant now, in the order of their ids. It changes nothing. */
export async function dryRun(deps: GateDeps, trx: Transaction<DB>, campaign: Campaign): Promise<DryRun> {
  const { tenantId, segmentId, id } = campaign;
  const now = deps.clock.now();
  const { model } = await readModelInForce(trx, tenantId);
  const segment = (await readSegments(trx, tenantId)).find((one) => one.id === segmentId);
  const condition = campaign.state === 'draft' ? (segment?.condition ?? campaign.condition) : campaign.condition;
  const page = { currency: model.currency, at: now, after: null, limit: lookedAtMax + 1 };
  const meant = await customersMeant(trx, { tenantId, condition }, page);
  const customerIds = meant.slice(0, lookedAtMax);
  const variables = await variablesOf(trx, tenantId, customerIds);
  const looked: DrySample[] = [];
  for (const customerId of customerIds) {
    const arm = armOf(id, customerId, campaign.holdOutShare);
    const member = { profileId: customerId, arm, variables: variables.get(customerId) ?? {} };
    const planned = plannedFor(campaign, member, now);
    const unknown = { state: 'planned', reason: null, trace: [], tries: 0, plannedAt: now } as const;
    const undecided = { conversationId: null, messageId: null, decidedAt: null, settledAt: null };
    const { verdict, text } = await judgeOutreach(deps, trx, { ...planned, ...unknown, ...undecided, id: newId() });
    looked.push({ customerId, verdict: verdict.kind === 'send' ? 'SEND' : verdict.reason, text });
  }
  const counts = [...Map.groupBy(looked, ({ verdict }) => verdict)].map(([verdict, of]) => ({
    verdict,
    count: of.length,
  }));
  return {
    ...{ lookedAtCount: looked.length, isComplete: meant.length <= lookedAtMax },
    verdicts: counts.toSorted((a, b) => b.count - a.count || (a.verdict < b.verdict ? -1 : 1)),
    sample: looked.slice(0, samplesMax),
  };
}
