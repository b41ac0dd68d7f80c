import { capabilitiesOf } from '@crossdesk/channels';
import { type DecisionId, newId } from '@crossdesk/contracts';
import type { Clock, Delivered } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import type { DB } from '../db.ts';
import { surveySubject } from '../outreach/outreach.domain.ts';
import { cancelPlanned, isPlannedBefore, planOutreach, postponePlanned } from '../outreach/outreach.store.ts';
import { follow, policyFor, type Round, type RoundNews, surveyDueAt, type SurveyPolicy } from './survey.domain.ts';
import { policiesOn } from './survey-policy.store.ts';
import { surveyTexts } from './survey-texts.domain.ts';
import { buyerOf, lockRounds, saveRounds } from './survey.store.ts';

type Trx = Transaction<DB>;
export type ConversationTold = Delivered<'conversation.message-added' | 'conversation.changed'>;

const dayMs = 86_400_000;

/**
 * Plans a survey when a conversation is handled, later while somebody still writes, and not at all when it is opened again.
 * Returns whether anything is planned anew.
 */
export async function followRounds(
  { clock }: { readonly clock: Clock },
  trx: Trx,
  events: readonly ConversationTold[],
): Promise<boolean> {
  const policies = await policiesOn(trx, [...new Set(events.map(({ event }) => event.tenantId))]);
  const asking = new Set(policies.map(({ tenantId }) => tenantId));
  const told = events.filter(({ event }) => asking.has(event.tenantId));
  if (told.length === 0) return false;
  const news = told.map(newsIn);
  const rounds = await lockRounds(trx, news);
  const changed = new Map<string, Round>();
  let isPlanned = false;
  for (const [n, one] of told.entries()) {
    const what = news[n];
    if (what === undefined) continue;
    const before = rounds.get(what.conversationId) ?? null;
    const { round, act } = follow(before, what);
    if (round === null) continue;
    const subject = before?.subject ?? null;
    if (act === 'cancel' && subject !== null) await cancelPlanned(trx, what.tenantId, [subject]);
    const mine = policies.filter(({ tenantId }) => tenantId === what.tenantId);
    const policy = policyFor(mine, what.accountId);
    const planned =
      policy === null || (act !== 'plan' && act !== 'postpone')
        ? null
        : await planSurvey(trx, { one, round, policy, act, now: clock.now() });
    isPlanned ||= planned !== null;
    const after = planned === null ? round : { ...round, subject: planned };
    rounds.set(what.conversationId, after);
    changed.set(what.conversationId, after);
  }
  await saveRounds(trx, [...changed.values()]);
  return isPlanned;
}

function newsIn({ event: { tenantId, data, type } }: ConversationTold): RoundNews {
  const { conversationId, accountId, cycle = 1, state, phase } = data.conversation;
  const isWritten = type === 'conversation.message-added' && 'author' in data;
  return {
    ...{ tenantId, conversationId, accountId, cycle },
    isHandled: state === 'handled' || phase === 'closed' || phase === 'merged',
    isReply: isWritten && (data.author === 'agent' || data.author === 'seller'),
  };
}

interface Handled {
  readonly one: ConversationTold;
  readonly round: Round;
  readonly policy: SurveyPolicy;
  readonly act: 'plan' | 'postpone';
  readonly now: Date;
}

/** The subject of what is planned; null: nothing is. */
async function planSurvey(trx: Trx, { one, round, policy, act, now }: Handled): Promise<string | null> {
  const { tenantId, conversationId, cycle, accountId } = round;
  const { event } = one;
  const { channel, language, phase } = event.data.conversation;
  const happenedAt = new Date(event.occurredAt);
  // What is read in later, or was handled before the policy was on, is over.
  const isOld = now.getTime() - happenedAt.getTime() > dayMs || happenedAt < policy.onSince;
  if (isOld || phase === 'merged') return null;
  const buyer = await buyerOf(trx, round);
  if (buyer === null) return null;
  const hours = capabilitiesOf(channel).replyWindowHours;
  const last = buyer.lastInboundAt;
  const closesAt = hours === null || last === null ? null : new Date(last.getTime() + hours * 3_600_000);
  const dueAt = surveyDueAt(policy, { channel, handledAt: now, closesAt });
  const notAfter = new Date(dueAt.getTime() + dayMs);
  const subject = surveySubject({ policyId: policy.id, conversationId, cycle });
  if (act === 'postpone') {
    await postponePlanned(trx, tenantId, subject, { dueAt, notAfter });
    return null;
  }
  if (await isPlannedBefore(trx, tenantId, subject)) return null;
  const planned = {
    ...({ tenantId, id: newId<DecisionId>(), kind: 'survey', purpose: 'service', arm: null } as const),
    ...{ dedupeKey: `${subject} ${event.id}`, subject },
    ...{ profileId: buyer.profileId, accountId, texts: textsFor(policy, language ?? null), variables: {} },
    ...{ holdOutShare: 0, zone: 'UTC', dueAt, notAfter },
  };
  return (await planOutreach(trx, [planned], now)) > 0 ? subject : null;
}

/** The language of the conversation comes first: it counts for a buyer whose own is not known. */
function textsFor({ texts }: SurveyPolicy, language: string | null) {
  const all = texts.length === 0 ? surveyTexts : texts;
  if (language === null) return all;
  const base = (locale: string) => locale.split('-')[0]?.toLowerCase();
  const fits = (locale: string) =>
    locale.toLowerCase() === language.toLowerCase() ? 2 : base(locale) === base(language) ? 1 : 0;
  return all.toSorted((a, b) => fits(b.locale) - fits(a.locale));
}
