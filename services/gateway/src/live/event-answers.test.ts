import { expect, test } from '@jest/globals';
import { type EventId, newId } from '@crossdesk/contracts';
import { buildSchema, GraphQLError, Kind, parse } from 'graphql';
import { contextOf, person } from '../../test/tokens.ts';
import { createEventAnswers, type EventAnswer, type Subscriber } from './event-answers.ts';

const who = person();
const document = { text: '', hash: '', ast: parse('{ a }'), fragments: new Map(), operationOf: () => null };
const subscriber: Subscriber = {
  query: {
    document,
    responseKey: 'inboxEvents',
    cursorKeys: [],
    variableNames: [],
    field: { kind: Kind.FIELD, name: { kind: Kind.NAME, value: 'inboxEvents' } },
  },
  variables: {},
  context: contextOf(who),
};

/** Answers with a number that grows with each query. */
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

const anEvent = () => ({ id: newId<EventId>() });

test('subscribers with equal selections for an event share one answer', async () => {
  const answer = createAnswers();
  const event = anEvent();
  const asked = await Promise.all([1, 2, 3].map(() => answer([event], subscriber, null)));
  expect(asked.map(statesOf)).toEqual([[1], [1], [1]]);
});

test('no subscriber goes back in time: an answer older than their last one is not given to them', async () => {
  const answer = createAnswers();
  const [first, second] = [anEvent(), anEvent()];
  // Another subscriber is further ahead and asks about the second event first.
  await answer([second], subscriber, null);
  const [shown = null] = await answer([first], subscriber, null);
  const next = await answer([second], subscriber, shown);
  expect([...(shown === null ? [] : statesOf([shown])), ...statesOf(next)]).toEqual([2, 3]);
});

test('events that wait together are one query, and others share its answers one by one', async () => {
  const answer = createAnswers();
  const events = [anEvent(), anEvent(), anEvent()];
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
  const answers = await answer([anEvent(), anEvent()], subscriber, null);
  expect(answers.map(({ result }) => result.errors?.map(({ message, path }) => [message, path]))).toEqual([
    [['no time left', undefined]],
    [
      ['no customer', ['inboxEvents', 'conversation', 'customer']],
      ['no time left', undefined],
    ],
  ]);
});
