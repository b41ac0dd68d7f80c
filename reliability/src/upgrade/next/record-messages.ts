import type { AnyEventDraft, EventDraft, Outbox } from '@crossdesk/service-kit';
import * as original from '../../../../services/ingest/src/inbound/record-messages.ts';
import { lockThreadOf } from '../../../../services/ingest/src/thread/thread.store.ts';
import { countWords, measuredDraft, newTypes } from '../measured.ts';

export * from '../../../../services/ingest/src/inbound/record-messages.ts';

type Received = EventDraft<'ingest.message-received'>;
type Trx = Parameters<typeof original.recordMessages>[1];

/** Adds the number of words to the event of each message, and then publishes it in a separate event. */
export const recordMessages: typeof original.recordMessages = async (deps, trx, incoming) => {
  const received: Received[] = [];
  const outbox: Outbox = {
    ...deps.runtime.outbox,
    append: (appending, drafts) => {
      received.push(...drafts.filter(isReceived));
      return deps.runtime.outbox.append(appending, drafts.map(withWordCount));
    },
  };
  const subjects = await original.recordMessages({ ...deps, runtime: { ...deps.runtime, outbox } }, trx, incoming);
  const measured: AnyEventDraft[] = [];
  for (const draft of received) measured.push(await measure(trx, draft));
  await deps.runtime.outbox.append(trx, measured);
  return subjects;
};

function isReceived(draft: AnyEventDraft): draft is Received {
  return draft.type === 'ingest.message-received';
}

function withWordCount(draft: AnyEventDraft): AnyEventDraft {
  if (!isReceived(draft)) return draft;
  const data = { ...draft.data, wordCount: countWords(draft.data) };
  return { ...draft, data };
}

/** Under the next version of the thread. */
async function measure(trx: Trx, { aggregate: { tenantId }, data, origin }: Received): Promise<AnyEventDraft> {
  const { conversationId, messageId } = data;
  const thread = await lockThreadOf(trx, tenantId, conversationId, 1);
  if (thread === null) throw new Error('the thread of a message that was just recorded is missing');
  const measured = { conversationId, messageId, wordCount: countWords(data) };
  return measuredDraft(newTypes.ingest, measured, { aggregate: thread.nextAggregate(), origin });
}
