import { causationDepthMax, textOf, wordsOf } from '@crossdesk/contracts';
import {
  afterCommit,
  type AnyEventDraft,
  causedByEvent,
  type Clock,
  type ConsumerSpec,
  type Delivered,
  type Outbox,
} from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import { afterMessage, type Analysis } from '../analysis/analysis.domain.ts';
import {
  aggregateOf,
  insertAnalyses,
  keyText,
  lockConversations,
  saveConversations,
} from '../analysis/analysis.store.ts';
import { eventsOf } from '../analysis/analysis.events.ts';
import { revise } from '../analysis/revise.ts';
import { understand } from '../analysis/understand.ts';
import type { DB } from '../db.ts';
import { notePart } from '../erasure/note-part.ts';
import { detectLanguage } from '../language/detect-language.ts';
import {
  changeText,
  eraseMessages,
  type MessageText,
  queueMessages,
} from '../translation/message/message-translation.store.ts';
import { joinMoods } from './on-threads-joined.ts';

interface Deps {
  readonly outbox: Pick<Outbox, 'append'>;
  readonly clock: Clock;
  /** Looks for messages that are due to be translated. */
  readonly nudgeTranslator: () => void;
}

type Received = Delivered<'ingest.message-received'>;
type Changed = Delivered<'ingest.message-changed'>;

/**
 * Finds out, once for each message, the language of every one, from and to the buyer, what a message of the buyer says,
 * and the mood and triage of the conversation that follow. Words of buyers are kept for translation.
 */
export function onMessageReceived(deps: Deps): ConsumerSpec<DB> {
  return {
    name: 'automation.language',
    on: {
      'ingest.message-received': (trx, events) => analyse(deps, trx, events),
      'ingest.message-changed': (trx, events) => takeChanges(deps, trx, events),
      'ingest.threads-joined': (trx, events) => joinMoods(deps, trx, events),
      'ingest.buyer-erased': (trx, events) =>
        notePart(deps, trx, 'inbound', events, (conversation) => eraseMessages(trx, conversation)),
    },
  };
}

async function analyse(
  { outbox, clock, nudgeTranslator }: Deps,
  trx: Transaction<DB>,
  events: readonly Received[],
): Promise<void> {
  // A chain of automations ends here.
  const wanted = events.filter(({ event }) => event.causationDepth < causationDepthMax);
  const causes = new Map(wanted.map((cause) => [analysisOf(cause), cause]));
  // A message that came as two events is analysed once.
  const fresh = await insertAnalyses(trx, [...causes.keys()], clock.now());
  const texts = fresh.flatMap((analysis) => textToTranslate(analysis, causes.get(analysis)) ?? []);
  if (await queueMessages(trx, texts, clock.now())) afterCommit(trx, nudgeTranslator);
  const conversations = await lockConversations(trx, fresh);
  const drafts: AnyEventDraft[] = [];
  for (const analysis of fresh) {
    const cause = causes.get(analysis);
    const before = conversations.get(keyText(analysis));
    if (cause === undefined || before === undefined) continue;
    const after = afterMessage(before, analysis, Date.parse(cause.event.occurredAt));
    const origin = causedByEvent(cause, { kind: 'automation', id: null });
    const aggregateAt = (version: number) => aggregateOf(before, version);
    const { messageId } = analysis;
    const events = eventsOf(after, { revisions: [{ analysis, revision: 1 }], messageId, aggregateAt, origin });
    drafts.push(...events);
    const version = before.version + events.length;
    conversations.set(keyText(analysis), { ...after.conversation, version });
  }
  await saveConversations(trx, [...conversations.values()]);
  await outbox.append(trx, drafts);
}

/** The words of a buyer's message; null for any other one. */
function textToTranslate(
  { tenantId, messageId, conversationId, language }: Analysis,
  cause: Received | undefined,
): MessageText | null {
  if (cause === undefined || cause.event.data.direction !== 'inbound' || language === null) return null;
  return { tenantId, messageId, conversationId, language, text: wordsOf(cause.event.data.content) ?? '' };
}

/** An edited message is translated and understood again; that of a deleted one stays as it was understood. */
async function takeChanges(deps: Deps, trx: Transaction<DB>, events: readonly Changed[]): Promise<void> {
  for (const cause of events) {
    const { event } = cause;
    const { messageId, change, by } = event.data;
    if (change.kind === 'reacted') continue;
    const { tenantId } = event;
    const words = change.kind === 'edited' ? (wordsOf(change.content) ?? '') : '';
    await changeText(trx, { tenantId, messageId, text: words === '' ? null : words }, deps.clock.now());
    if (change.kind !== 'edited' || by !== 'buyer' || event.causationDepth >= causationDepthMax) continue;
    const origin = causedByEvent(cause, { kind: 'automation', id: null });
    const saidAt = Date.parse(event.occurredAt);
    const wording = { messageId, words, text: textOf(change.content) ?? words, saidAt, found: null };
    await revise(deps, trx, { tenantId, origin }, [wording]);
  }
  afterCommit(trx, deps.nudgeTranslator);
}

function analysisOf({ event }: Received): Analysis {
  const { messageId, conversationId, content, author, direction } = event.data;
  const words = wordsOf(content);
  const detected = detectLanguage(words ?? '');
  const isOfBuyer = direction === 'inbound' && author === 'buyer' && words !== null && words.trim() !== '';
  // The offsets are those of the text that the API shows.
  const understanding = isOfBuyer ? understand(textOf(content) ?? words, detected.language) : null;
  return { tenantId: event.tenantId, messageId, conversationId, ...detected, understanding };
}
