import { monotonicMs, type RequestContext } from '@crossdesk/service-kit';
import { type ExecutionResult, type GraphQLSchema, TypeInfo, visit, visitWithTypeInfo } from 'graphql';
import type { Federation } from '../federation/federation.ts';
import type { PreparedDocument } from '../graphql/documents.ts';
import type { InboxEvent } from './inbox-record.ts';
import { type EventQuery, eventIdVariable } from './rewrite.ts';

export interface Subscriber {
  readonly query: EventQuery;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly context: RequestContext;
}

export interface EventAnswer {
  readonly result: ExecutionResult;
  /** When it was there, on the monotonic clock: what it shows is no younger. */
  readonly answeredAtMs: number;
}

/**
 * Answers a subscriber's selection for an event. Equal questions about one event are asked once, but nobody is given an
 * answer that was asked for before his last one was there: it could show a conversation as it was before that.
 */
export type AnswerEvent = (event: InboxEvent, subscriber: Subscriber, notBeforeMs: number) => Promise<EventAnswer>;

/** Fields whose value depends on who asks, beyond tenant and role: their answers are never shared. */
export const personalFields: ReadonlySet<string> = new Set(['Agent.email', 'Query.me']);

/** Long enough for all live subscribers to meet an event, short enough that nobody resuming gets an old answer. */
const sharedForMs = 2_000;
const sharedMax = 500;

/** A shared answer must not die with the subscriber who happened to ask first. */
const neverAborted = new AbortController().signal;

interface Shared {
  readonly answer: Promise<EventAnswer>;
  readonly askedAtMs: number;
}

export function createEventAnswers(federation: Federation): AnswerEvent {
  const shared = new Map<string, Shared>();
  const isPersonal = rememberPersonal(federation.schema);

  async function ask(event: InboxEvent, { query, variables, context }: Subscriber): Promise<EventAnswer> {
    const result = await federation.execute({
      document: query.document,
      operationName: null,
      variables: { ...variables, [eventIdVariable]: event.id },
      context,
      signal: neverAborted,
    });
    return { result, answeredAtMs: monotonicMs() };
  }

  return async (event, subscriber, notBeforeMs) => {
    const { caller } = subscriber.context;
    if (caller.kind === 'anonymous') throw new Error('a subscriber has to be signed in');
    const { document } = subscriber.query;
    const who = isPersonal(document) ? `${caller.kind} ${caller.agentId}` : caller.role;
    const key = JSON.stringify([event.id, document.hash, subscriber.variables, caller.tenantId, who]);
    const now = monotonicMs();
    const known = shared.get(key);
    if (known !== undefined && known.askedAtMs >= notBeforeMs && now < known.askedAtMs + sharedForMs)
      return known.answer;
    const answer = ask(event, subscriber);
    shared.delete(key);
    shared.set(key, { answer, askedAtMs: now });
    const oldest = shared.size > sharedMax ? shared.keys().next().value : undefined;
    if (oldest !== undefined) shared.delete(oldest);
    return answer;
  };
}

function rememberPersonal(schema: GraphQLSchema): (document: PreparedDocument) => boolean {
  const known = new WeakMap<PreparedDocument, boolean>();
  return (document) => {
    let isPersonal = known.get(document);
    if (isPersonal === undefined) {
      isPersonal = selectsPersonal(schema, document);
      known.set(document, isPersonal);
    }
    return isPersonal;
  };
}

function selectsPersonal(schema: GraphQLSchema, { ast }: PreparedDocument): boolean {
  const types = new TypeInfo(schema);
  let found = false;
  visit(
    ast,
    visitWithTypeInfo(types, {
      Field: ({ name }) => {
        if (personalFields.has(`${types.getParentType()?.name}.${name.value}`)) found = true;
      },
    }),
  );
  return found;
}
