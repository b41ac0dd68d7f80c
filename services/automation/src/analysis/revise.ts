import { isDeepStrictEqual } from 'node:util';
import type { MessageId, TenantId } from '@crossdesk/contracts';
import type { AnyEventDraft, Clock, Origin, Outbox } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import type { DB } from '../db.ts';
import { detectLanguage } from '../language/detect-language.ts';
import { type AnalysedConversation, retold, type Revision, type Understood } from './analysis.domain.ts';
import { eventsOf } from './analysis.events.ts';
import {
  aggregateOf,
  keyText,
  lockConversations,
  readAnalyses,
  saveConversations,
  saveRevisions,
} from './analysis.store.ts';
import { type MoodSample, noMood } from './mood.domain.ts';
import { understand } from './understand.ts';
import { type FoundIntent, isCertain, type Understanding } from './understanding.domain.ts';

/** The words of a message as they are now. */
export interface Wording {
  readonly messageId: MessageId;
  readonly words: string;
  /** As the API shows them. */
  readonly text: string;
  /** When the buyer said them, if the message had no words before. Null: a message that was not understood stays so. */
  readonly saidAt: number | null;
  /** What another model says that the buyer wants; null: nobody asked one. */
  readonly found: FoundByOther | null;
}

/** An answer for a message that the built-in model is not certain of. */
export interface FoundByOther {
  /** Its name and version. */
  readonly model: string;
  readonly intents: readonly FoundIntent[];
}

export interface Occasion {
  readonly tenantId: TenantId;
  readonly origin: Origin;
}

interface Deps {
  readonly outbox: Pick<Outbox, 'append'>;
  readonly clock: Clock;
}

type Stored = Awaited<ReturnType<typeof readAnalyses>>[number];

/**
 * Understands messages again with the present model. An analysis with another answer replaces the old one and is
 * published, with what changes about the conversation. Returns how many those are.
 */
export async function revise(
  { outbox, clock }: Deps,
  trx: Transaction<DB>,
  { tenantId, origin }: Occasion,
  wordings: readonly Wording[],
): Promise<number> {
  const ids = wordings.map(({ messageId }) => messageId);
  const keys = (await readAnalyses(trx, tenantId, ids)).map(conversationKey);
  if (keys.length === 0) return 0;
  const conversations = await lockConversations(trx, keys);
  // Read again: until the lock, another change may have come first.
  const stored = new Map((await readAnalyses(trx, tenantId, ids)).map((row) => [row.message_id, row]));
  const revisions = wordings.flatMap((wording) => revisionOf(stored.get(wording.messageId), wording) ?? []);
  if (revisions.length === 0) return 0;
  await saveRevisions(trx, revisions, clock.now());
  const newlySaid = new Map(wordings.map(({ messageId, saidAt }) => [messageId, saidAt]));
  const drafts: AnyEventDraft[] = [];
  for (const before of conversations.values()) {
    const own = revisions.filter(({ analysis }) => keyText(analysis) === keyText(before));
    const messageId = own.at(-1)?.analysis.messageId;
    if (messageId === undefined) continue;
    const samples = [...(before.mood ?? noMood).samples, ...samplesOf(before, own, newlySaid)];
    const after = retold(before, samples, await understoodOf(trx, before, samples));
    const aggregateAt = (version: number) => aggregateOf(before, version);
    const events = eventsOf(after, { revisions: own, messageId, aggregateAt, origin });
    drafts.push(...events);
    conversations.set(keyText(before), { ...after.conversation, version: before.version + events.length });
  }
  await saveConversations(trx, [...conversations.values()]);
  await outbox.append(trx, drafts);
  return revisions.length;
}

function conversationKey({ tenant_id: tenantId, conversation_id: conversationId }: Stored) {
  return { tenantId, conversationId };
}

/** The new analysis of a message; null if it is not one of a buyer, or if the answer is the same. */
function revisionOf(row: Stored | undefined, { messageId, words, text, saidAt, found }: Wording): Revision | null {
  if (row === undefined || (row.understanding === null && saidAt === null)) return null;
  const detected = detectLanguage(words);
  const old = row.understanding;
  const own = words.trim() === '' ? null : understand(text, detected.language);
  const understanding = own === null ? null : withOther(own, found ?? (saidAt === null ? otherIn(old) : null));
  const isSame =
    row.language === detected.language &&
    isDeepStrictEqual(old && { ...old, model: null }, understanding && { ...understanding, model: null });
  if (isSame) return null;
  return { analysis: { ...conversationKey(row), messageId, ...detected, understanding }, revision: row.revision + 1 };
}

const otherMark = '+assistant/';

/** What the built-in model is certain of stays. */
function withOther(own: Understanding, found: FoundByOther | null): Understanding {
  if (found === null || isCertain(own)) return own;
  return { ...own, model: `${own.model}${otherMark}${found.model}`, intents: found.intents };
}

/** What another model said of the same words. */
function otherIn(old: Understanding | null): FoundByOther | null {
  const [, model] = old?.model.split(otherMark) ?? [];
  return old === null || model === undefined ? null : { model, intents: old.intents };
}

/** Messages that say something for the first time: they have no part in the mood yet. */
function samplesOf(
  { mood }: AnalysedConversation,
  revisions: readonly Revision[],
  saidAt: ReadonlyMap<MessageId, number | null>,
): MoodSample[] {
  const known = new Set(mood?.samples.map(({ messageId }) => messageId));
  return revisions.flatMap(({ analysis: { messageId, understanding } }) => {
    const at = saidAt.get(messageId) ?? null;
    if (understanding === null || at === null || known.has(messageId)) return [];
    return [{ messageId, at, tone: 0, hasRisk: false }];
  });
}

/** What is understood of the last messages of a conversation. */
export async function understoodOf(
  trx: Transaction<DB>,
  { tenantId }: Pick<AnalysedConversation, 'tenantId'>,
  samples: readonly MoodSample[],
): Promise<Understood> {
  const rows = await readAnalyses(
    trx,
    tenantId,
    samples.map(({ messageId }) => messageId),
  );
  return new Map(rows.map(({ message_id, understanding }) => [message_id, understanding]));
}
