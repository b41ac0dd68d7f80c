import { causedByEvent, type Delivered, type Outbox } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import { retold } from '../analysis/analysis.domain.ts';
import { eventsOf } from '../analysis/analysis.events.ts';
import {
  aggregateOf,
  keyText,
  lockConversations,
  moveAnalyses,
  saveConversations,
} from '../analysis/analysis.store.ts';
import type { MoodSample } from '../analysis/mood.domain.ts';
import { understoodOf } from '../analysis/revise.ts';
import type { DB } from '../db.ts';

/** The mood and triage of a conversation follow also from the messages of another one that was joined into it. */
export async function joinMoods(
  { outbox }: { readonly outbox: Pick<Outbox, 'append'> },
  trx: Transaction<DB>,
  events: readonly Delivered<'ingest.threads-joined'>[],
): Promise<void> {
  for (const cause of events) {
    const { tenantId, data } = cause.event;
    const from = { tenantId, conversationId: data.conversationId };
    const into = { tenantId, conversationId: data.intoConversationId };
    const locked = await lockConversations(trx, [from, into]);
    const before = locked.get(keyText(into));
    if (before === undefined) continue;
    await moveAnalyses(trx, from, into.conversationId);
    const twice = new Set(data.duplicates.map(({ messageId }) => messageId));
    const samples = [before, locked.get(keyText(from))].flatMap((one) => one?.mood?.samples ?? []);
    const once = new Map<string, MoodSample>(samples.map((sample) => [sample.messageId, sample]));
    for (const messageId of twice) once.delete(messageId);
    const messages = [...once.values()];
    const after = retold(before, messages, await understoodOf(trx, into, messages));
    const messageId = after.conversation.mood?.samples.at(-1)?.messageId;
    if (messageId === undefined) continue;
    const origin = causedByEvent(cause, { kind: 'automation', id: null });
    const aggregateAt = (version: number) => aggregateOf(before, version);
    const told = eventsOf(after, { revisions: [], messageId, aggregateAt, origin });
    await saveConversations(trx, [{ ...after.conversation, version: before.version + told.length }]);
    await outbox.append(trx, told);
  }
}
