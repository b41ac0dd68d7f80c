import { eventDefinitions, type TenantId, topics } from '@crossdesk/contracts';
import { type Broker, type Keyring, type Logger, type RequestContext, signedIn } from '@crossdesk/service-kit';
import type { GatewayLimits } from '../limits.ts';
import type { GatewayMetrics } from '../metrics.ts';
import { cursorsOf } from './cursor.ts';
import type { AnswerEvents } from './event-answers.ts';
import { createRecordSource } from './record-source.ts';
import type { EventQuery } from './rewrite.ts';
import { type StreamArguments, textIn } from './stream-arguments.ts';
import type { StreamDeclaration } from './stream-declaration.ts';
import { createStreamLog } from './stream-log.ts';
import { createStreamReader } from './stream-reader.ts';
import { type LiveAnswers, toSubscription } from './subscription.ts';

export interface StreamDeps {
  readonly broker: Pick<Broker, 'tail' | 'bounds'>;
  /** Seals the cursors. */
  readonly cursorKey: Keyring;
  readonly answer: AnswerEvents;
  readonly limits: GatewayLimits;
  readonly log: Logger;
  readonly metrics: Pick<GatewayMetrics, 'subscriptions' | 'delivered'>;
}

/** A client's request for a stream. */
export interface StreamRequest {
  readonly query: EventQuery;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly arguments: StreamArguments;
  readonly context: RequestContext;
  /** Called once the subscription has ended. */
  onEnd(): void;
}

export interface LiveStream extends Pick<StreamDeclaration<unknown>, 'field' | 'cursorField' | 'byIds' | 'topics'> {
  start(deps: StreamDeps): RunningStream;
}

export type StartPlace = 'NOW' | 'OLDEST';

export interface RunningStream {
  readonly field: string;
  readonly byIds: string;
  readonly cursorField: string;
  /** A cursor for readers of a workspace: the place of live readers, or the oldest place that the log still holds. */
  cursorOf(tenantId: TenantId, from: StartPlace): Promise<string>;
  /** Returns a function that opens the subscription. @throws GraphQLError for invalid arguments */
  subscribe(request: StreamRequest): () => LiveAnswers;
  /** Records not yet passed to live subscribers. */
  lag(): Promise<bigint>;
  problem(): string | null;
  stop(): Promise<void>;
}

/**
 * Runs a declaration as a stream; it reads the log from its first subscriber on.
 * @throws Error for a declaration that cannot work
 */
export function liveStream<Facts>(declaration: StreamDeclaration<Facts>): LiveStream {
  const { field, cursorField, byIds } = declaration;
  checkDeclaration(declaration);
  return { field, cursorField, byIds, topics: declaration.topics, start: (deps) => startStream(declaration, deps) };
}

function checkDeclaration<Facts>({ field, topics: names, shown }: StreamDeclaration<Facts>): void {
  const owners = new Set(names.map((name) => topics[name].owner));
  if (owners.size !== 1)
    throw new Error(`${field} has topics of ${[...owners].join(' and ')}: use topics of one service only`);
  for (const { type, topic } of eventDefinitions) {
    if (type in shown && !names.includes(topic)) throw new Error(`${field} shows ${type}, but has no topic ${topic}`);
  }
}

function startStream<Facts>(declaration: StreamDeclaration<Facts>, deps: StreamDeps): RunningStream {
  const { field, byIds, cursorField } = declaration;
  const { answer, limits, log, metrics } = deps;
  const events = createStreamLog(createRecordSource(declaration, deps.broker, log));
  const cursors = cursorsOf(declaration, deps.cursorKey);
  const labels = { stream: field };
  metrics.subscriptions.set(labels, 0);
  metrics.delivered.inc(labels, 0);
  return {
    field,
    byIds,
    cursorField,
    async cursorOf(tenantId, from) {
      await events.start();
      const vector = from === 'NOW' ? events.place() : (await events.bounds()).map(({ earliest }) => earliest);
      return cursors.encode(tenantId, vector);
    },
    subscribe(request) {
      const caller = signedIn(request.context);
      const isWanted = declaration.filter(request.arguments, caller);
      const following = {
        ...request,
        tenantId: caller.tenantId,
        after: textIn(request.arguments, 'after'),
        isLatestEnough: declaration.isLatestEnough === true,
        isWanted: ({ tenantId, facts }: { tenantId: string; facts: Facts }) =>
          tenantId === caller.tenantId && isWanted(facts),
      };
      return () => {
        metrics.subscriptions.inc(labels);
        return toSubscription({
          reader: createStreamReader({ events, cursors, answer, limits }, following),
          requestId: request.context.requestId,
          log,
          onShown: () => metrics.delivered.inc(labels),
          onEnd() {
            metrics.subscriptions.dec(labels);
            request.onEnd();
          },
        });
      };
    },
    lag: events.lag,
    problem: events.problem,
    stop: events.stop,
  };
}
