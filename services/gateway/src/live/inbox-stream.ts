import type { ConversationId } from '@crossdesk/contracts';
import type { Logger, RequestContext } from '@crossdesk/service-kit';
import { type ExecutionResult, GraphQLError } from 'graphql';
import { publicError, refusal } from '../errors.ts';
import type { GatewayLimits } from '../limits.ts';
import type { GatewayMetrics } from '../metrics.ts';
import { decodeCursor, encodeCursor, type Vector } from './cursor.ts';
import type { AnswerEvents, EventAnswer } from './event-answers.ts';
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
  readonly answer: AnswerEvents;
  readonly limits: GatewayLimits;
  readonly log: Logger;
  readonly metrics: Pick<GatewayMetrics, 'subscriptions' | 'delivered'>;
}

export type InboxStream = AsyncGenerator<ExecutionResult, undefined, undefined>;

/** What waits for a subscriber is asked for together, up to so many events: enough for 200 a second on Kafka. */
const askedTogetherMax = 25;

/** One subscription: opens with the first `next`, ends by `return` at any moment, also while it waits for an event. */
export function openInboxStream(deps: StreamDeps, request: StreamRequest): InboxStream {
  let opened: Promise<{ queue: EventQueue; stop: () => Promise<void> }> | null = null;
  let isEnded = false;
  /** To the events that come next. */
  let answers: readonly EventAnswer[] = [];
  let last: EventAnswer | null = null;
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
      // One query after another: what is shown beside an event is as it is now, so of two at once the later could be the older.
      if (answers.length === 0) answers = await deps.answer(await queue.ahead(askedTogetherMax), request, last);
      const queued = await queue.take();
      const [answer] = answers;
      if (queued === null || answer === undefined) return { done: true, value: undefined };
      answers = answers.slice(1);
      last = answer;
      const result = shownTo(queued, answer);
      if (result !== null && !isEnded) {
        deps.metrics.delivered.inc();
        return { done: false, value: result };
      }
    }
  }

  /** Null when this subscriber may not see the event, or it is gone. */
  function shownTo({ vector }: QueuedEvent, { result }: EventAnswer): ExecutionResult | null {
    const { responseKey, cursorKeys } = request.query;
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
