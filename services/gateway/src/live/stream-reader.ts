import type { TenantId } from '@crossdesk/contracts';
import type { RequestContext } from '@crossdesk/service-kit';
import type { ExecutionResult } from 'graphql';
import type { GatewayLimits } from '../limits.ts';
import type { Cursors } from './cursor.ts';
import type { AnswerEvents, EventAnswer } from './event-answers.ts';
import type { QueuedEvent } from './event-backlog.ts';
import { createEventQueue, type EventQueue } from './event-queue.ts';
import { follow } from './follow.ts';
import type { LiveEvent } from './live-record.ts';
import type { EventQuery } from './rewrite.ts';
import type { StreamLog } from './stream-log.ts';

/** The subscription of one client. */
export interface Following<Facts> {
  readonly query: EventQuery;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly context: RequestContext;
  readonly tenantId: TenantId;
  /** The cursor after which it begins; null for now. */
  readonly after: string | null;
  isWanted(event: LiveEvent<Facts>): boolean;
  /** See StreamDeclaration. */
  readonly isLatestEnough: boolean;
}

export interface ReaderDeps<Facts> {
  readonly events: StreamLog<Facts>;
  readonly cursors: Cursors;
  readonly answer: AnswerEvents;
  readonly limits: Pick<GatewayLimits, 'queuedEventsMax'>;
}

/** One client's progress through a stream. Starts with the first `next`. */
export interface StreamReader {
  /** The answer for the next event that is shown; null once it was stopped. */
  next(): Promise<ExecutionResult | null>;
  /** Ends it at any time, also while `next` waits. */
  stop(): Promise<void>;
}

/** One query reads at most this many waiting events: enough for 200 a second on Kafka. */
const askedTogetherMax = 25;

export function createStreamReader<Facts>(deps: ReaderDeps<Facts>, following: Following<Facts>): StreamReader {
  // What is asked before a later event comes would be shown as the answer to that one.
  const askedMax = following.isLatestEnough ? 1 : askedTogetherMax;
  let opened: Promise<Opened<Facts>> | null = null;
  /** The answers for the next events. */
  let answers: readonly EventAnswer[] = [];
  let last: EventAnswer | null = null;

  return {
    async next() {
      opened ??= open(deps, following);
      const { queue } = await opened;
      for (;;) {
        // One query after another: an answer shows the current data, so of two at once the later could show older data.
        if (answers.length === 0) answers = await deps.answer(await queue.ahead(askedMax), following, last);
        const queued = await queue.take();
        const [answer] = answers;
        if (queued === null || answer === undefined) return null;
        answers = answers.slice(1);
        last = answer;
        const result = shownTo(following, answer, queued, deps.cursors);
        if (result !== null) return result;
      }
    },
    async stop() {
      const reading = await opened?.catch(() => null);
      await reading?.stop();
    },
  };
}

interface Opened<Facts> {
  readonly queue: EventQueue<Facts>;
  stop(): Promise<void>;
}

async function open<Facts>(
  { events, cursors, limits }: ReaderDeps<Facts>,
  { tenantId, after, isWanted, isLatestEnough }: Following<Facts>,
): Promise<Opened<Facts>> {
  await events.start();
  const from = after === null ? events.place() : cursors.decode(tenantId, after, await events.bounds());
  const queue = createEventQueue({ from, lengthMax: limits.queuedEventsMax, isWanted, keepsLatest: isLatestEnough });
  const stop = follow(events, from, queue, Math.floor(limits.queuedEventsMax / 2));
  return { queue, stop };
}

/** Null when this subscriber may not see the event, or it is gone. */
function shownTo(
  { tenantId, query: { responseKey, cursorKeys } }: Pick<Following<unknown>, 'query' | 'tenantId'>,
  { result }: EventAnswer,
  { vector }: QueuedEvent<unknown>,
  cursors: Cursors,
): ExecutionResult | null {
  const shown: unknown = result.data?.[responseKey];
  if (typeof shown !== 'object' || shown === null) {
    const [problem] = result.errors ?? [];
    if (problem === undefined) return null;
    // Continuing would leave a gap: the client resumes from its last cursor instead.
    throw problem;
  }
  const cursor = cursors.encode(tenantId, vector);
  const places = cursorKeys.filter((key) => key in shown).map((key) => [key, cursor]);
  return { ...result, data: { [responseKey]: { ...shown, ...Object.fromEntries(places) } } };
}
