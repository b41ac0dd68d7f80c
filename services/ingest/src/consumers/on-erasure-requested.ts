import {
  afterCommit,
  type AnyEventDraft,
  causedByEvent,
  type ConsumerSpec,
  type Delivered,
  eraseHistory,
} from '@crossdesk/service-kit';
import type { DB, Trx } from '../db.ts';
import type { IngestDeps } from '../deps.ts';
import { eraseOrdersOf, eraseRaw, eraseThread, lockThreadsOf, noteErasing } from '../erasure/erasure.store.ts';
import { eraseFeedbackOf } from '../feedback-feed/feedback-feed.store.ts';
import { eraseMedia } from '../media/media.store.ts';
import { eraseEvents, lockErasures } from '../webhook-endpoint/webhook-event.store.ts';
import { orderUpdated } from '../order/record-orders.ts';
import type { LockedThread } from '../thread/thread.store.ts';

type Requested = Delivered<'crm.customer-erasure-requested'>;

/**
 * Erases customers where their data comes from, and publishes it in the order of each conversation; the other services
 * follow.
 */
export function onErasureRequested(deps: IngestDeps): ConsumerSpec<DB> {
  return {
    name: 'ingest.erasures',
    on: {
      'crm.customer-erasure-requested': async (trx, requests) => {
        await lockErasures(trx, 'exclusive');
        for (const request of requests) {
          const { tenantId, data } = request.event;
          for (const thread of await lockThreadsOf(trx, tenantId, data.conversationIds))
            await deps.runtime.outbox.append(trx, await eraseBuyer(deps, trx, request, thread));
        }
        afterCommit(trx, deps.nudgeMedia);
      },
    },
  };
}

/** Returns the events that report it. */
async function eraseBuyer(
  { runtime }: Pick<IngestDeps, 'runtime'>,
  trx: Trx,
  request: Requested,
  thread: LockedThread,
): Promise<AnyEventDraft[]> {
  const { tenantId, conversationId, accountId } = thread;
  const { erasureId, customerId } = request.event.data;
  const now = runtime.clock.now();
  const orders = await eraseOrdersOf(trx, thread, now);
  const externalOrderIds = orders.map(({ row }) => row.external_order_id);
  const feedback = await eraseFeedbackOf(trx, thread, externalOrderIds, now);
  const keys = [conversationId, ...orders.map(({ row }) => row.order_id), ...feedback.map(({ id }) => id)];
  const rows = [
    ...(await eraseThread(trx, thread, now)),
    { table: 'media', count: await eraseMedia(trx, tenantId, conversationId, 'all') },
    { table: 'customer_order', count: orders.length },
    { table: 'platform_feedback', count: feedback.length },
    {
      table: 'raw_payload',
      count: await eraseRaw(trx, thread, {
        externalOrderIds,
        externalFeedbackIds: feedback.map((row) => row.external_feedback_id),
      }),
    },
    {
      table: 'webhook_event',
      count: await eraseEvents(
        trx,
        keys.map((key) => ({ tenantId, key, by: 'everywhere', erasedAt: now })),
      ),
    },
    ...(await eraseHistory(trx, tenantId, keys)),
  ];
  await noteErasing(trx, { tenantId, conversationId, erasureId }, rows);
  const origin = causedByEvent(request);
  return [
    {
      aggregate: thread.nextAggregate(),
      type: 'ingest.buyer-erased',
      origin,
      data: { erasureId, customerId, conversationId, accountId },
    },
    ...orders.map((order) => orderUpdated(order, origin)),
  ];
}
