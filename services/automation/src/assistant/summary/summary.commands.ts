import type { ConversationId, TenantId } from '@crossdesk/contracts';
import { canonicalLocale } from '@crossdesk/message-template';
import {
  accept,
  changed,
  type CommandCall,
  type Decision,
  type Outcome,
  refuse,
  unchanged,
} from '@crossdesk/service-kit';
import { Type } from '@sinclair/typebox';
import type { DB } from '../../db.ts';
import { asData, type Prompt, promptOf } from '../../engine/prompt.ts';
import { sureLanguageOf } from '../../language/detect-language.ts';
import { lastTexts } from '../../message/message-text.store.ts';
import { orderOf } from '../../order/order-facts.store.ts';
import { askAssistant, type AssistantDeps } from '../ask-assistant.ts';
import { isSummaryRefused } from '../draft/check-reply.domain.ts';
import { factsIn } from '../draft/order-facts.ts';
import { dataOf, type DraftSources, shortened } from '../draft/reply-draft.domain.ts';
import { beginSummary, finishSummary, type StoredSummary, summariesIn, type SummaryRow } from './summary.store.ts';

export interface SummaryTask {
  readonly row: SummaryRow;
  readonly prompt: Prompt;
  readonly sources: DraftSources;
}

const messagesMax = 50;
const outputTokensMax = 3_000;
const shape = Type.Object({ text: Type.String() }, { additionalProperties: false });

/** Reads what is to be summarised. */
export async function prepareSummary(
  { runtime: { db, clock } }: AssistantDeps,
  tenantId: TenantId,
  wish: { readonly conversationId: ConversationId; readonly locale: string },
): Promise<Decision<SummaryTask, 'INVALID_INPUT' | 'NOT_FOUND'>> {
  const { conversationId } = wish;
  const locale = canonicalLocale(wish.locale);
  if (locale === null)
    return refuse('INVALID_INPUT', 'locale', 'This is no language: write BCP 47, for instance zh-CN.');
  const { messages, order } = await db.forTenant(tenantId, async (trx) => ({
    messages: await lastTexts(trx, tenantId, conversationId, messagesMax),
    order: await orderOf(trx, tenantId, conversationId),
  }));
  const last = messages.at(-1);
  if (last === undefined) return noWords;
  const prompt = promptOf('summary', { locale });
  const row: SummaryRow = {
    ...{ tenant_id: tenantId, conversation_id: conversationId, locale, message_id: last.message_id },
    ...{ text: null, state: 'writing', failure: null, model: null, prompt: prompt.version, begun_at: clock.now() },
  };
  const sources = {
    instruction: null,
    messages: shortened(messages),
    order: factsIn(order),
    passages: [],
    now: clock.now(),
  };
  return accept({ row, prompt, sources });
}

const noWords = refuse(
  'NOT_FOUND',
  'conversationId',
  'There is no such conversation here, or no words of it are kept: words are kept for 90 days.',
);

/** Notes that a summary is being written. Unchanged: it is there, or on its way. */
export async function noteSummary({ trx }: CommandCall<DB>, { row }: SummaryTask): Promise<Outcome<SummaryRow, never>> {
  return (await beginSummary(trx, row)) ? changed(row, row.conversation_id) : unchanged(row);
}

/** Has the assistant write, and keeps what may be shown. */
export async function writeSummary(
  deps: AssistantDeps,
  { row, prompt, sources }: SummaryTask,
  signal: AbortSignal,
): Promise<void> {
  const { tenant_id: tenantId, locale } = row;
  const data = [asData(dataOf(sources)[1])];
  const request = { system: prompt.text, data, name: 'summary', shape, outputTokensMax, isStreamed: true };
  const asked = await askAssistant(deps, tenantId, 'summary', request, signal);
  const content = asked.ok
    ? { ...checked(asked.value.text.trim(), { locale, prompt, sources }), failure: null, model: asked.model }
    : { text: null, state: 'failed' as const, failure: asked.failure, model: null };
  await deps.runtime.db.forTenant(tenantId, (trx) => finishSummary(trx, row, content));
}

function checked(
  text: string,
  { locale, prompt, sources }: { readonly locale: string; readonly prompt: Prompt; readonly sources: DraftSources },
): Pick<SummaryRow, 'text' | 'state'> {
  const foundLanguage = sureLanguageOf(text);
  const isRefused = isSummaryRefused({ text, locale, foundLanguage, sources, prompt: prompt.text });
  return isRefused ? { text: null, state: 'refused' } : { text, state: 'written' };
}

/** The summary as it is now. Refused: its conversation was erased meanwhile. */
export async function readSummary(
  { runtime: { db } }: AssistantDeps,
  { tenant_id: tenantId, conversation_id: conversationId, locale }: SummaryRow,
): Promise<Decision<StoredSummary, 'NOT_FOUND'>> {
  const found = await db.forTenant(tenantId, (trx) => summariesIn(trx, tenantId, [conversationId], locale));
  const row = found.get(conversationId);
  return row === undefined ? noWords : accept(row);
}
