import { expect, test } from '@jest/globals';
import { newId } from '@crossdesk/contracts';
import { buildSchema, GraphQLError, Kind, parse } from 'graphql';
import { contextOf, person } from '../../test/tokens.ts';
import { createEventAnswers, type EventAnswer, type Subscriber } from './event-answers.ts';
import type { InboxEvent } from './inbox-record.ts';

const who = person();
const document = { text: '', hash: '', ast: parse('{ a }'), fragments: new Map(), operationOf: () => null };
const subscriber: Subscriber = {
  query: {
    subscription: document,
    document,
    responseKey: 'inboxEvents',
    cursorKeys: [],
    variableNames: [],
    field: { kind: Kind.FIELD, name: { kind: Kind.NAME, value: 'inboxEvents' } },
  },
  variables: {},
  context: contextOf(who),
};

/** Answers that show how often anything was asked before: a state that only grows. */
function createAnswers(errors: readonly GraphQLError[] = []) {
  let state = 0;
  return createEventAnswers({
    schema: buildSchema('type Query { a: Int }'),
    stop: async () => undefined,
    execute: async ({ variables }) => {
      state += 1;
      const ids = variables['__eventIds'];
      return { data: { inboxEvents: Array.isArray(ids) ? ids.map((id: unknown) => ({ id, state })) : [] }, errors };
    },
  });
}

const statesOf = (answers: readonly EventAnswer[]) =>
  answers.map(({ result }) => (result.data as { inboxEvents: { state: number } }).inboxEvents.state);

function anInboxEvent(): InboxEvent {
  return { id: newId(), tenantId: who.tenantId, conversationId: newId(), kind: 'READ' };
}

test('subscribers who ask the same of an event share one answer', async () => {
  const answer = createAnswers();
  const event = anInboxEvent();
  const asked = await Promise.all([1, 2, 3].map(() => answer([event], subscriber, null)));
  expect(asked.map(statesOf)).toEqual([[1], [1], [1]]);
});

test('nobody goes back: an answer from before the last one of a subscriber is not given to him', async () => {
  const answer = createAnswers();
  const [first, second] = [anInboxEvent(), anInboxEvent()];
  // Somebody else is further along, and asked about the second event first.
  await answer([second], subscriber, null);
  const [shown = null] = await answer([first], subscriber, null);
  const next = await answer([second], subscriber, shown);
  expect([...(shown === null ? [] : statesOf([shown])), ...statesOf(next)]).toEqual([2, 3]);
});

test('events that wait together are one question, whose answers others share one after another', async () => {
  const answer = createAnswers();
  const events = [anInboxEvent(), anInboxEvent(), anInboxEvent()];
  const all = await answer(events, subscriber, null);
  expect(all.map(({ result }) => result.data)).toEqual(events.map(({ id }) => ({ inboxEvents: { id, state: 1 } })));
  let last: EventAnswer | null = null;
  for (let n = 0; n < events.length; n += 1) {
    const shared: readonly EventAnswer[] = await answer(events.slice(n), subscriber, last);
    expect(shared).toEqual([all[n]]);
    last = shared[0] ?? null;
  }
});

test('an error belongs to the event it names, and to all if it names none', async () => {
  const answer = createAnswers([
    new GraphQLError('no customer', { path: ['inboxEvents', 1, 'conversation', 'customer'] }),
    new GraphQLError('no time left'),
  ]);
  const answers = await answer([anInboxEvent(), anInboxEvent()], subscriber, null);
  expect(answers.map(({ result }) => result.errors?.map(({ message, path }) => [message, path]))).toEqual([
    [['no time left', undefined]],
    [
      ['no customer', ['inboxEvents', 'conversation', 'customer']],
      ['no time left', undefined],
    ],
  ]);
});
