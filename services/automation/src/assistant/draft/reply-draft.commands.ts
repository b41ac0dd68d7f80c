import { type ConversationId, newId, type TenantId } from '@crossdesk/contracts';
import { canonicalLocale } from '@crossdesk/message-template';
import { type KnownOrder, knownOrder, type LintContext } from '@crossdesk/outgoing-lint';
import {
  accept,
  amountOf,
  changed,
  type CommandCall,
  type Decision,
  type Outcome,
  refuse,
  refuseText,
  unchanged,
} from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import { readConversations } from '../../analysis/analysis.store.ts';
import { factsOf } from '../../conversation/conversation-facts.store.ts';
import type { DB } from '../../db.ts';
import { asData, type Prompt, promptOf } from '../../engine/prompt.ts';
import { findPassages, type KnowledgeDeps } from '../../knowledge/retrieval/find-passages.ts';
import { sureLanguageOf } from '../../language/detect-language.ts';
import { lastTexts, type MessageText } from '../../message/message-text.store.ts';
import { orderOf } from '../../order/order-facts.store.ts';
import { languageOfConversation } from '../../analysis/analysis.store.ts';
import { presentState } from '../background.ts';
import { askAssistant, type AssistantDeps } from '../ask-assistant.ts';
import type { ReplyDraftId } from '../assistant.domain.ts';
import { checkReply, type DraftToCheck, isRefused } from './check-reply.domain.ts';
import { factsIn } from './order-facts.ts';
import {
  citationsOf,
  dataOf,
  draftShape,
  type DraftSources,
  type Passage,
  shortened,
  type WrittenDraft,
} from './reply-draft.domain.ts';
import {
  findSameReplyDraft,
  finishReplyDraft,
  insertReplyDraft,
  lockConversation,
  readReplyDraft,
  type ReplyDraftRow,
  type SameReplyDraft,
} from './reply-draft.store.ts';

export interface DraftDeps extends AssistantDeps {
  readonly knowledge: KnowledgeDeps;
}

export interface DraftWish {
  readonly conversationId: ConversationId;
  readonly instruction: string | null;
  /** BCP 47; null: the language of the buyer. */
  readonly locale: string | null;
}

type Content = Pick<ReplyDraftRow, 'text' | 'state' | 'failure' | 'action' | 'citations' | 'findings' | 'model'>;

/** Everything that is needed to write a draft. */
export interface ReplyTask {
  readonly same: SameReplyDraft;
  readonly prompt: Prompt;
  readonly sources: DraftSources;
  readonly known: DraftToCheck['known'];
}

type Code = 'INVALID_INPUT' | 'NOT_FOUND';

const instructionCharactersMax = 1_000;
const messagesMax = 20;
const passagesMax = 4;
const questionCharactersMax = 1_000;
const outputTokensMax = 4_000;
/** A repeated request gets the first draft. */
const sameForMs = 600_000;

/** Reads what a draft may rely on. */
export async function prepareReply(
  { runtime: { db, clock }, knowledge }: DraftDeps,
  tenantId: TenantId,
  { conversationId, instruction, ...wish }: DraftWish,
): Promise<Decision<ReplyTask, Code>> {
  const malformed = instruction === null ? null : refuseText('instruction', instruction, instructionCharactersMax);
  if (malformed !== null) return malformed;
  const known = await db.forTenant(tenantId, (trx) => readKnown(trx, tenantId, conversationId));
  const last = known.messages.at(-1);
  if (last === undefined) return noWords;
  const locale = wish.locale === null ? known.locale : canonicalLocale(wish.locale);
  if (locale === null) return noLocale;
  const { order, channel } = known;
  const passages = await passagesFor(knowledge, tenantId, { ...known, instruction, locale });
  const now = clock.now();
  return accept({
    same: {
      tenant_id: tenantId,
      conversation_id: conversationId,
      message_id: last.message_id,
      instruction,
      locale,
    },
    prompt: promptOf('draft', { locale }),
    sources: { instruction, messages: shortened(known.messages), order: factsIn(order), passages, now },
    known: {
      channel,
      market: order?.market ?? null,
      mood: known.mood,
      facts: { order: orderIn(order), ...noOthers, now },
    },
  });
}

const noWords = refuse(
  'NOT_FOUND',
  'conversationId',
  'There is no such conversation here, or no words of it are kept: words are kept for 90 days.',
);
const noLocale = refuse('INVALID_INPUT', 'locale', 'The language is not known: write BCP 47, for instance pt-BR.');

type Order = Awaited<ReturnType<typeof orderOf>>;

interface Known {
  readonly messages: readonly MessageText[];
  readonly order: Order;
  readonly locale: string | null;
  readonly channel: string;
  readonly mood: LintContext['mood'];
}

async function readKnown(trx: Transaction<DB>, tenantId: TenantId, conversationId: ConversationId): Promise<Known> {
  const messages = await lastTexts(trx, tenantId, conversationId, messagesMax);
  const order = await orderOf(trx, tenantId, conversationId);
  const { locale } = await languageOfConversation(trx, tenantId, conversationId);
  const channel = (await factsOf(trx, tenantId, conversationId))?.channel ?? '';
  const [analysed] = await readConversations(trx, tenantId, [conversationId]);
  return { messages, locale, order, channel, mood: analysed?.mood?.label ?? null };
}

/** Parts of articles that answer the last messages of the buyer, or what the person wants to say. */
async function passagesFor(
  knowledge: KnowledgeDeps,
  tenantId: TenantId,
  {
    messages,
    order,
    channel,
    instruction,
    locale,
  }: Known & { readonly instruction: string | null; readonly locale: string },
): Promise<Passage[]> {
  const asked = messages.findLast(({ author }) => author === 'buyer')?.text ?? '';
  const text = `${instruction ?? ''}\n${asked}`.trim().slice(0, questionCharactersMax);
  const scope = { sku: null, market: order?.market ?? null, channel, isForBuyers: true };
  const found = await findPassages(knowledge, tenantId, { text, locale, ...scope }, passagesMax);
  return found.map(({ articleId, version, title, text: words }) => ({ articleId, version, title, text: words }));
}

/** The order as the claims of a reply are compared with it. */
function orderIn(order: Order): KnownOrder | null {
  if (order === null) return null;
  const { state, external_order_id: number, tracking_number: tracking } = order;
  const { total_minor: amountMinor, total_currency: currency } = order;
  const total =
    amountMinor === null || currency === null ? null : { amount: amountOf({ amountMinor, currency }), currency };
  return knownOrder({ state, number, trackingNumbers: tracking === null ? [] : [tracking], total });
}

/** Numbers that are not of this conversation are found without a list of them. */
const noOthers = { otherOrders: [], policy: null };

/** Notes that a draft is being written. Unchanged: the same one was asked for a moment ago. */
export async function beginReply(
  { runtime: { clock } }: AssistantDeps,
  { trx }: CommandCall<DB>,
  { same, prompt }: ReplyTask,
): Promise<Outcome<ReplyDraftRow, never>> {
  const now = clock.now();
  await lockConversation(trx, same);
  const earlier = await findSameReplyDraft(trx, same, new Date(now.getTime() - sameForMs));
  if (earlier !== null && presentState({ state: earlier.state, begunAt: earlier.created_at }, now) !== 'failed')
    return unchanged(earlier);
  const row: ReplyDraftRow = {
    ...same,
    ...nothing,
    ...{ id: newId<ReplyDraftId>(), state: 'writing', failure: null, model: null },
    ...{ prompt: prompt.version, created_at: now },
  };
  await insertReplyDraft(trx, row);
  return changed(row, row.id);
}

/** Has the assistant write, and keeps what may be shown. Nothing is kept of a conversation that was erased meanwhile. */
export async function writeReply(
  deps: AssistantDeps,
  task: ReplyTask,
  id: ReplyDraftId,
  signal: AbortSignal,
): Promise<void> {
  const { same, prompt, sources } = task;
  const { tenant_id: tenantId } = same;
  const data = dataOf(sources).map(asData);
  const request = { system: prompt.text, data, name: 'draft', shape: draftShape, outputTokensMax, isStreamed: true };
  const asked = await askAssistant(deps, tenantId, 'draft', request, signal);
  const content: Content = asked.ok
    ? { ...checked(task, asked.value), model: asked.model }
    : { ...nothing, state: 'failed', failure: asked.failure, model: null };
  await deps.runtime.db.forTenant(tenantId, (trx) => finishReplyDraft(trx, tenantId, id, content));
}

/** The draft as it is now. Refused: its conversation was erased meanwhile. */
export async function readReply(
  { runtime: { db } }: AssistantDeps,
  tenantId: TenantId,
  id: ReplyDraftId,
): Promise<Decision<ReplyDraftRow, 'NOT_FOUND'>> {
  const row = await db.forTenant(tenantId, (trx) => readReplyDraft(trx, tenantId, id));
  return row === null ? noWords : accept(row);
}

const nothing = { text: null, action: 'NONE', citations: [], findings: [] } satisfies Partial<Content>;

/** The draft if it may be shown. What may not be shown is not kept either. */
function checked({ prompt, same, sources, known }: ReplyTask, written: WrittenDraft): Omit<Content, 'model'> {
  const text = written.text.trim();
  const cited = citationsOf(written, sources.passages);
  const foundLanguage = sureLanguageOf(text);
  const findings = checkReply({ text, locale: same.locale, foundLanguage, sources, cited, prompt: prompt.text, known });
  if (isRefused(findings)) return { ...nothing, state: 'refused', failure: null, findings };
  return {
    ...{ text, state: findings.length === 0 ? 'written' : 'doubtful', failure: null, findings },
    action: written.action,
    citations: cited.map(({ articleId, version, title }) => ({ articleId, version, title })),
  };
}
