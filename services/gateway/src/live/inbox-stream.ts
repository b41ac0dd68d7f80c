import type { ConversationId } from '@crossdesk/contracts';
import type { Logger, RequestContext } from '@crossdesk/service-kit';
import { type ExecutionResult, GraphQLError } from 'graphql';
import { publicError, refusal } from '../errors.ts';
import type { GatewayLimits } from '../limits.ts';
import type { GatewayMetrics } from '../metrics.ts';
import { decodeCursor, encodeCursor, type Vector } from './cursor.ts';
import type { AnswerEvent } from './event-answers.ts';
import { createEventQueue, type EventQueue, type QueuedEvent } from './event-queue.ts';
import { follow } from './follow.ts';
import type { InboxLog } from './inbox-log.ts';
import type { InboxEvent, InboxEventKind } from './inbox-record.ts';
import type { EventQuery } from './rewrite.ts';

export interface StreamRequest {
  readonly query: EventQuery;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly context: RequestContext;
  readonly after: string | null;
  readonly conversationId: ConversationId | null;
  readonly kinds: readonly InboxEventKind[] | null;
}

export interface StreamDeps {
  readonly inbox: InboxLog;
  readonly answer: AnswerEvent;
  readonly limits: GatewayLimits;
  readonly log: Logger;
  readonly metrics: Pick<GatewayMetrics, 'subscriptions' | 'delivered'>;
}

export type InboxStream = AsyncGenerator<ExecutionResult, undefined, undefined>;

/** One subscription: opens with the first `next`, ends by `return` at any moment, also while it waits for an event. */
export function openInboxStream(deps: StreamDeps, request: StreamRequest): InboxStream {
  let opened: Promise<{ queue: EventQueue; stop: () => Promise<void> }> | null = null;
  let isEnded = false;
  /** When the last answer was there. */
  let answeredAtMs = -Infinity;
  deps.metrics.subscriptions.inc();

  async function open() {
    const { inbox, limits } = deps;
    await inbox.start();
    const from: Vector = request.after === null ? inbox.place() : decodeCursor(request.after, await inbox.bounds());
    const queue = createEventQueue({ from, lengthMax: limits.queuedEventsMax, isWanted: wantedBy(request) });
    const stop = follow(inbox, from, queue, Math.floor(limits.queuedEventsMax / 2));
    return { queue, stop };
  }

  async function nextAnswer(): Promise<IteratorResult<ExecutionResult, undefined>> {
    opened ??= open();
    const { queue } = await opened;
    for (;;) {
      if (isEnded) return { done: true, value: undefined };
      const queued = await queue.take();
      if (queued === null) return { done: true, value: undefined };
      // One after another: what is shown beside an event is as it is now, so of two asked at once the later could be the older.
      const result = await answerTo(queued);
      if (result !== null && !isEnded) {
        deps.metrics.delivered.inc();
        return { done: false, value: result };
      }
    }
  }

  /** Null when this subscriber may not see the event, or it is gone. */
  async function answerTo({ event, vector }: QueuedEvent): Promise<ExecutionResult | null> {
    const { responseKey, cursorKeys } = request.query;
    const answer = await deps.answer(event, request, answeredAtMs);
    const { result } = answer;
    ({ answeredAtMs } = answer);
    const shown: unknown = result.data?.[responseKey];
    if (typeof shown !== 'object' || shown === null) {
      const [problem] = result.errors ?? [];
      if (problem === undefined) return null;
      // Going on would leave a hole: the client resumes from its last cursor instead.
      throw problem;
    }
    const cursors = cursorKeys.filter((key) => key in shown).map((key) => [key, encodeCursor(vector)]);
    return { ...result, data: { [responseKey]: { ...shown, ...Object.fromEntries(cursors) } } };
  }

  async function end(): Promise<IteratorResult<ExecutionResult, undefined>> {
    if (!isEnded) deps.metrics.subscriptions.dec();
    isEnded = true;
    const stream = await opened?.catch(() => null);
    await stream?.stop();
    return { done: true, value: undefined };
  }

  const stream: InboxStream = {
    async next() {
      if (isEnded) return { done: true, value: undefined };
      try {
        return await nextAnswer();
      } catch (cause) {
        await end();
        throw shownError(cause, deps.log, request.context.requestId);
      }
    },
    return: end,
    async throw(cause) {
      await end();
      throw cause;
    },
    [Symbol.asyncIterator]: () => stream,
    async [Symbol.asyncDispose]() {
      await end();
    },
  };
  return stream;
}

function wantedBy({ context: { caller }, conversationId, kinds }: StreamRequest): (event: InboxEvent) => boolean {
  if (caller.kind === 'anonymous') throw refusal('UNAUTHENTICATED', 'inboxEvents needs a signed-in caller');
  return (event) =>
    event.tenantId === caller.tenantId &&
    (conversationId === null || event.conversationId === conversationId) &&
    (kinds === null || kinds.includes(event.kind));
}

function shownError(cause: unknown, log: Logger, requestId: string): GraphQLError {
  const error =
    cause instanceof GraphQLError
      ? cause
      : new GraphQLError('the stream failed', cause instanceof Error ? { originalError: cause } : {});
  return publicError(error, { log, requestId });
}
