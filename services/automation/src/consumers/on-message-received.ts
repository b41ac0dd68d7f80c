import { causationDepthMax, wordsOf } from '@crossdesk/contracts';
import {
  type AnyEventDraft,
  causedByEvent,
  type Clock,
  type ConsumerSpec,
  type Delivered,
  type Outbox,
} from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import { type Analysis, insertAnalyses, lockForEvents } from '../analysis/analysis.store.ts';
import type { DB } from '../db.ts';
import { notePart } from '../erasure/note-part.ts';
import { detectLanguage } from '../language/detect-language.ts';

interface Deps {
  readonly outbox: Pick<Outbox, 'append'>;
  readonly clock: Clock;
}

type Received = Delivered<'ingest.message-received'>;

/** Detects the language of every message, from and to the buyer, once. */
export function onMessageReceived(deps: Deps): ConsumerSpec<DB> {
  return {
    name: 'automation.language',
    on: {
      'ingest.message-received': (trx, events) => analyse(deps, trx, events),
      // No words of a message are kept yet.
      'ingest.buyer-erased': (trx, events) => notePart(deps, trx, 'inbound', events, async () => []),
    },
  };
}

async function analyse({ outbox, clock }: Deps, trx: Transaction<DB>, events: readonly Received[]): Promise<void> {
  // A chain of automations ends here.
  const wanted = events.filter(({ event }) => event.causationDepth < causationDepthMax);
  const causes = new Map(wanted.map((cause) => [analysisOf(cause), cause]));
  // A message that came as two events is analysed once.
  const fresh = await insertAnalyses(trx, [...causes.keys()], clock.now());
  const aggregates = await lockForEvents(trx, fresh);
  await outbox.append(
    trx,
    aggregates.flatMap((aggregate, index): AnyEventDraft[] => {
      const analysis = fresh[index];
      const cause = analysis === undefined ? undefined : causes.get(analysis);
      if (analysis === undefined || cause === undefined) return [];
      const { tenantId: _, ...data } = analysis;
      const origin = causedByEvent(cause, { kind: 'automation', id: null });
      return [{ aggregate, type: 'automation.message-analysed', data, origin }];
    }),
  );
}

function analysisOf({ event }: Received): Analysis {
  const { messageId, conversationId, content } = event.data;
  return { tenantId: event.tenantId, messageId, conversationId, ...detectLanguage(wordsOf(content) ?? '') };
}
