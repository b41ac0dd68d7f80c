import { accessFingerprint, monotonicMs, type RequestContext } from '@crossdesk/service-kit';
import { type ExecutionResult, GraphQLError, type GraphQLSchema, TypeInfo, visit, visitWithTypeInfo } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Federation } from '../federation/federation.ts';
import type { PreparedDocument } from '../graphql/documents.ts';
import type { LiveEvent } from './live-record.ts';
import { type EventQuery, eventIdsVariable } from './rewrite.ts';

export interface Subscriber {
  readonly query: EventQuery;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly context: RequestContext;
}

/** One query for several events; data that several of them show is read once, so all show the same state of it. */
interface Question {
  readonly askedAtMs: number;
}

export interface EventAnswer {
  readonly question: Question;
  readonly result: ExecutionResult;
  /** When it arrived, on the monotonic clock: its data is not newer than that. */
  readonly answeredAtMs: number;
}

/**
 * Resolves a subscriber's selection for the first of these events, and for as many after it as the same query covers.
 * Equal queries about one event are sent once, but a subscriber never gets an answer that was requested before their
 * last one arrived, because it could show an older state.
 */
export type AnswerEvents = (
  events: readonly Pick<LiveEvent<unknown>, 'id'>[],
  subscriber: Subscriber,
  last: EventAnswer | null,
) => Promise<readonly EventAnswer[]>;

/** Fields whose value depends on the person, beyond workspace, role and access: answers with them are never shared. */
export const personalFields: ReadonlySet<string> = new Set([
  'Agent.email',
  'Query.me',
  'Query.notificationEventsByIds',
]);

/** Long enough for all live subscribers to reach an event, short enough that a subscriber who resumes gets no old answer. */
const sharedForMs = 2_000;
const sharedMax = 500;

/** A shared answer must not end when the subscriber who asked first leaves. */
const neverAborted = new AbortController().signal;

interface Shared {
  readonly question: Question;
  readonly answers: Promise<readonly EventAnswer[]>;
  /** The index of the answer. */
  readonly index: number;
}

export function createEventAnswers(federation: Federation): AnswerEvents {
  const shared = new LRUCache<string, Shared>({ max: sharedMax });
  const isPersonal = rememberPersonal(federation.schema);

  async function ask(
    question: Question,
    events: readonly Pick<LiveEvent<unknown>, 'id'>[],
    { query, variables, context }: Subscriber,
  ): Promise<readonly EventAnswer[]> {
    const result = await federation.execute({
      document: query.document,
      operationName: null,
      variables: { ...variables, [eventIdsVariable]: events.map(({ id }) => id) },
      context,
      signal: neverAborted,
    });
    const answeredAtMs = monotonicMs();
    return events.map((_, index) => ({ question, result: partOf(result, query.responseKey, index), answeredAtMs }));
  }

  return async (events, subscriber, last) => {
    const { caller } = subscriber.context;
    if (caller.kind === 'anonymous') throw new Error('a subscriber must be signed in');
    const { document } = subscriber.query;
    const who = isPersonal(document) ? `${caller.kind} ${caller.agentId}` : accessFingerprint(caller);
    const asked = JSON.stringify([document.hash, subscriber.variables, caller.tenantId, who]);
    const [first] = events;
    if (first === undefined) return [];
    const known = shared.get(first.id + asked);
    if (known !== undefined && mayFollow(known.question, last))
      return (await known.answers).slice(known.index, known.index + 1);
    const question = { askedAtMs: monotonicMs() };
    const answers = ask(question, events, subscriber);
    for (const [index, { id }] of events.entries()) shared.set(id + asked, { question, answers, index });
    return answers;
  };
}

function mayFollow(question: Question, last: EventAnswer | null): boolean {
  const isAsNew = last === null || question === last.question || question.askedAtMs >= last.answeredAtMs;
  return isAsNew && monotonicMs() < question.askedAtMs + sharedForMs;
}

/** The answer for one event of several, as if it were the only one. */
export function partOf(result: ExecutionResult, responseKey: string, index: number): ExecutionResult {
  const list: unknown = result.data?.[responseKey];
  const errors = (result.errors ?? [])
    .filter(({ path }) => typeof path?.[1] !== 'number' || path[1] === index)
    .map((error) => {
      const { message, path, extensions } = error;
      return path === undefined
        ? error
        : new GraphQLError(message, { path: [responseKey, ...path.slice(2)], extensions, originalError: error });
    });
  const data = { [responseKey]: Array.isArray(list) ? (list[index] ?? null) : null };
  return errors.length === 0 ? { data } : { data, errors };
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
