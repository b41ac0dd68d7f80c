import { expect, test } from '@jest/globals';
import { newId } from '@crossdesk/contracts';
import { buildSchema, Kind, parse } from 'graphql';
import { contextOf, person } from '../../test/tokens.ts';
import { createEventAnswers, type Subscriber } from './event-answers.ts';
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
function createAnswers() {
  let state = 0;
  return createEventAnswers({
    schema: buildSchema('type Query { a: Int }'),
    stop: async () => undefined,
    execute: async () => ({ data: { state: (state += 1) } }),
  });
}

function anInboxEvent(): InboxEvent {
  return { id: newId(), tenantId: who.tenantId, conversationId: newId(), kind: 'READ' };
}

test('subscribers who ask the same of an event share one answer', async () => {
  const answer = createAnswers();
  const event = anInboxEvent();
  const asked = await Promise.all([1, 2, 3].map(() => answer(event, subscriber, -Infinity)));
  expect(asked.map(({ result }) => result.data)).toEqual([{ state: 1 }, { state: 1 }, { state: 1 }]);
});

test('nobody goes back: an answer from before the last one of a subscriber is not given to him', async () => {
  const answer = createAnswers();
  const [first, second] = [anInboxEvent(), anInboxEvent()];
  // Somebody else is further along, and asked about the second event first.
  await answer(second, subscriber, -Infinity);
  const shown = await answer(first, subscriber, -Infinity);
  const next = await answer(second, subscriber, shown.answeredAtMs);
  expect([shown, next].map(({ result }) => result.data)).toEqual([{ state: 2 }, { state: 3 }]);
});
