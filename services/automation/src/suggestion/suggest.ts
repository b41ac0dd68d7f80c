import type { ConversationId, MessageId, TenantId } from '@crossdesk/contracts';
import type { ServiceRuntime } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import { understand } from '../analysis/understand.ts';
import type { FoundIntent } from '../analysis/understanding.domain.ts';
import type { DB } from '../db.ts';
import { acknowledgementsAmong } from '../decision/decision.store.ts';
import { noteGap } from '../knowledge/gap/gap.commands.ts';
import { findPassages, type KnowledgeDeps } from '../knowledge/retrieval/find-passages.ts';
import { detectLanguage } from '../language/detect-language.ts';
import { lastTexts, type MessageText } from '../message/message-text.store.ts';
import type { OrderFacts } from '../order/latest-orders.ts';
import { orderOf } from '../order/order-facts.store.ts';
import { type Known, knownOf } from '../recipient/known-facts.ts';
import type { Template } from '../template/template.domain.ts';
import { listTemplates } from '../template/template.store.ts';
import { type Candidate, ranked, scoreOf, type Suggestion } from './suggestion.domain.ts';
import { answeredMessages, feedbackOn, offer } from './suggestion.store.ts';
import { likenesses, templateCandidates, type Unfilled } from './template-candidates.ts';

type Deps = Pick<ServiceRuntime<DB>, 'db' | 'clock'> & { readonly knowledge: KnowledgeDeps };

/** What the buyer said since somebody answered, and what is known to answer it. */
interface Occasion {
  readonly tenantId: TenantId;
  readonly conversationId: ConversationId;
  readonly messageId: MessageId;
  readonly text: string;
  readonly intents: readonly FoundIntent[];
  readonly known: Known;
  readonly order: OrderFacts | null;
  readonly templates: readonly Template[];
  readonly answered: readonly { readonly sourceId: string; readonly text: string }[];
}

export interface Suggested {
  readonly messageId: MessageId | null;
  readonly replies: readonly Suggestion[];
  readonly unfilled: readonly Unfilled[];
}

const nothing: Suggested = { messageId: null, replies: [], unfilled: [] };
const passagesMax = 3;

/** Replies that may answer what the buyer said last, the best first; null for a conversation that is not known. */
export async function suggest(
  { db, clock, knowledge }: Deps,
  tenantId: TenantId,
  conversationId: ConversationId,
  first: number,
): Promise<Suggested | null> {
  const occasion = await db.forTenant(tenantId, (trx) => readOccasion(trx, tenantId, conversationId));
  if (occasion === null || occasion === 'nothing to answer') return occasion === null ? null : nothing;
  const { filled, unfilled } = templateCandidates(occasion);
  const passages = await passagesFor(knowledge, occasion);
  return db.forTenant(tenantId, async (trx) => {
    const replies = await scored(trx, occasion, [...filled, ...passages], clock.now());
    if (passages.length === 0 && isQuestion(occasion))
      await noteGap(trx, { ...occasion, language: languageOf(occasion) }, clock.now());
    return { messageId: occasion.messageId, replies: replies.slice(0, first), unfilled };
  });
}

/** So many messages of one buyer are read together. */
const burstMax = 5;
const templatesMax = 500;

async function readOccasion(
  trx: Transaction<DB>,
  tenantId: TenantId,
  conversationId: ConversationId,
): Promise<Occasion | 'nothing to answer' | null> {
  const known = await knownOf(trx, tenantId, conversationId);
  if (known === null) return null;
  const burst = await openBurst(trx, tenantId, conversationId);
  const last = burst.at(-1);
  if (last === undefined) return 'nothing to answer';
  const text = burst.map((message) => message.text).join('\n');
  const { intents } = understand(text, known.recipient.locale);
  const order = await orderOf(trx, tenantId, conversationId);
  const filter = { situations: null, isEnabled: true };
  const templates = await listTemplates(trx, tenantId, { filter, first: templatesMax, after: null });
  const answered = await answeredMessages(trx, tenantId);
  return { tenantId, conversationId, messageId: last.message_id, text, intents, known, order, templates, answered };
}

/** What the buyer wrote since the last answer. */
async function openBurst(
  trx: Transaction<DB>,
  tenantId: TenantId,
  conversationId: ConversationId,
): Promise<MessageText[]> {
  const texts = await lastTexts(trx, tenantId, conversationId, burstMax);
  const fromBot = texts.filter(({ author }) => author === 'bot');
  const acknowledgements = await acknowledgementsAmong(
    trx,
    fromBot.map(({ message_id: messageId }) => ({ tenantId, messageId })),
  );
  const spoken = texts.filter(({ message_id }) => !acknowledgements.has(message_id));
  return spoken.slice(spoken.findLastIndex(({ author }) => author !== 'buyer') + 1);
}

function languageOf({ text, known }: Occasion): string {
  return detectLanguage(text).language ?? known.recipient.locale;
}

/** Thanks and greetings leave no gap. */
function isQuestion({ text, intents }: Occasion): boolean {
  return /[?？؟]/u.test(text) || intents.some(({ isCertain, intent }) => isCertain && intent !== 'thanks_other');
}

async function passagesFor(knowledge: KnowledgeDeps, occasion: Occasion): Promise<Candidate[]> {
  const { market, channel, locale } = occasion.known.recipient;
  const question = { text: occasion.text, locale, sku: null, market, channel, isForBuyers: true };
  const found = await findPassages(knowledge, occasion.tenantId, question, passagesMax);
  const past = likenesses(occasion);
  return found.map(({ articleId, version, locale: language, text, score }) => {
    const share = past(articleId);
    const usedBefore = { kind: 'used-before', intent: null, points: pastPoints * share } as const;
    return {
      source: { kind: 'article', id: articleId, version },
      locale: language,
      text,
      reasons: [{ kind: 'text', intent: null, points: score }, ...(share < pastMin ? [] : [usedBefore])],
    };
  });
}

const pastPoints = 0.3;
const pastMin = 0.3;

async function scored(
  trx: Transaction<DB>,
  occasion: Occasion,
  candidates: readonly Candidate[],
  now: Date,
): Promise<Suggestion[]> {
  const intents = occasion.intents.filter(({ isCertain }) => isCertain).map(({ intent }) => intent);
  const sources = candidates.map(({ source }) => source);
  const learnt = await feedbackOn(trx, occasion.tenantId, sources, intents);
  const offers = await offer(trx, { ...occasion, intents }, candidates, now);
  const suggestions = candidates.flatMap((candidate, n) => {
    const row = offers[n];
    if (row === undefined) return [];
    const feedback = learnt.get(candidate.source.id) ?? { used: 0, edited: 0, rejected: 0 };
    const score = scoreOf(candidate.reasons, feedback);
    const { tenantId, conversationId, messageId } = occasion;
    return [{ ...candidate, ...row, tenantId, conversationId, messageId, intents, score }];
  });
  return ranked(suggestions);
}
