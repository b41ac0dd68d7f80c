import type { PlatformFeedback } from '@crossdesk/contracts';
import { causedOutside } from '@crossdesk/service-kit';
import type { Trx } from '../db.ts';
import type { IngestDeps } from '../deps.ts';
import type { AccountName } from '../fact.ts';
import { saveFeedback } from './feedback-feed.store.ts';

export interface IncomingFeedback {
  readonly account: AccountName;
  readonly feedback: PlatformFeedback;
  /** The trace of the webhook that brought it; null if it was fetched, and while nothing is traced. */
  readonly traceparent: string | null;
}

/** Records reviews and ratings; only new or changed ones become events. */
export async function recordFeedback(
  deps: Pick<IngestDeps, 'runtime'>,
  trx: Trx,
  incoming: readonly IncomingFeedback[],
): Promise<void> {
  if (incoming.length === 0) return;
  const nameOf = (accountId: string, externalId: string) => `${accountId} ${externalId}`;
  // The last report of each: the platform's order is the only one there is.
  const latest = new Map(incoming.map((one) => [nameOf(one.account.id, one.feedback.externalFeedbackId), one]));
  const saved = await saveFeedback(
    trx,
    [...latest.values()].map(({ account: { tenantId, id: accountId }, feedback }) => ({
      tenantId,
      accountId,
      feedback,
    })),
  );
  await deps.runtime.outbox.append(
    trx,
    saved.flatMap(({ accountId, externalFeedbackId, id: platformFeedbackId, aggregate }) => {
      const told = latest.get(nameOf(accountId, externalFeedbackId));
      if (told === undefined) return [];
      const { account, feedback, traceparent } = told;
      return [
        {
          aggregate,
          type: 'ingest.feedback-reported' as const,
          origin: causedOutside({ kind: 'system', id: null }, traceparent),
          occurredAt: new Date(feedback.givenAt),
          data: { ...feedback, platformFeedbackId, accountId, channel: account.channel },
        },
      ];
    }),
  );
}
