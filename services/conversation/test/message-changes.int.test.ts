import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type EventData, type MessageChange, newId, type TenantId } from '@crossdesk/contracts';
import type { Caller } from '@crossdesk/service-kit';
import { anAgent, anEvent, ask, givenMessage } from '@crossdesk/testkit';
import { type Bench, dataOf, givenInbound, givenWorkspace, openBench, readConversation, send } from './given.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

type Message = EventData<'ingest.message-received'>;

function changed(tenantId: TenantId, message: Message, change: MessageChange, by: 'buyer' | 'seller' = 'buyer') {
  const { conversationId, messageId, accountId, channel } = message;
  const data = { conversationId, messageId, accountId, channel, by, change };
  return anEvent('ingest.message-changed', data, { tenantId, aggregateId: conversationId });
}

const messageQuery = `query($id: ID!) { message(id: $id) { kind text deletedAt
  reactions { by emoji } edits { by previousText } } }`;

async function messageFor(caller: Caller, id: string) {
  return dataOf(await ask(bench.service.subgraph, caller, messageQuery, { id })).message;
}

/** Publishes changes and waits until each of them shows. */
async function apply(...changes: ReturnType<typeof changed>[]): Promise<void> {
  await bench.harness.publish(...changes);
  for (const { id } of changes)
    await bench.harness.events.next('conversation.message-changed', ({ causationId }) => causationId === id);
}

const text = (words: string): MessageChange => ({ kind: 'edited', content: { kind: 'text', text: words } });
const deletion: MessageChange = { kind: 'deleted' };

test('a reaction, an edit and a deletion change the message and nothing else of a handled conversation', async () => {
  const { tenantId, agent } = await givenWorkspace(bench);
  const message = await givenInbound(bench, { tenantId });
  const { conversationId, messageId } = message;
  await send(bench, agent, { conversationId, text: 'It left today.' });
  const before = await readConversation(bench, agent, conversationId);
  expect(before).toMatchObject({ state: 'HANDLED', unreadCount: 0, waitingSince: null });
  await apply(
    changed(tenantId, message, { kind: 'reacted', emoji: '👍' }),
    changed(tenantId, message, { kind: 'reacted', emoji: '👀' }, 'seller'),
    changed(tenantId, message, text('Where is it?')),
  );
  expect(await messageFor(agent, messageId)).toMatchObject({
    text: 'Where is it?',
    reactions: [
      { by: 'BUYER', emoji: '👍' },
      { by: 'SELLER', emoji: '👀' },
    ],
    edits: [{ by: 'BUYER', previousText: null }],
    deletedAt: null,
  });
  await apply(changed(tenantId, message, { kind: 'reacted', emoji: null }), changed(tenantId, message, deletion));
  expect((await messageFor(agent, messageId)).reactions).toEqual([{ by: 'SELLER', emoji: '👀' }]);
  expect(await readConversation(bench, agent, conversationId)).toEqual(before);
  const { edges } = dataOf(
    await ask(
      bench.service.subgraph,
      agent,
      '{ conversations(first: 5) { edges { node { messages(first: 9) { edges { node { id } } } } } } }',
    ),
  ).conversations;
  expect(edges.map(({ node }) => node.messages.edges.length)).toEqual([2]);
});

test('what was deleted or edited away is shown to supervisors and admins, not to agents or on the topic', async () => {
  const { tenantId, agent, admin } = await givenWorkspace(bench);
  const supervisor = anAgent(tenantId, 'supervisor', newId());
  const content = {
    kind: 'file',
    ...{ url: 'https://x.example/a', thumbnailUrl: null, mediaId: null, mimeType: null },
    ...{ fileName: 'a.pdf', caption: 'rude words' },
  } as const;
  const message = await givenInbound(bench, { tenantId, content });
  await apply(changed(tenantId, message, text('kind words')), changed(tenantId, message, deletion));
  expect(await messageFor(agent, message.messageId)).toMatchObject({
    kind: 'TEXT',
    text: null,
    deletedAt: expect.any(String),
    edits: [{ previousText: null }],
  });
  for (const caller of [supervisor, admin]) {
    expect(await messageFor(caller, message.messageId)).toMatchObject({
      text: 'kind words',
      deletedAt: expect.any(String),
      edits: [{ previousText: 'rude words' }],
    });
  }
  const told = bench.harness.events
    .of('conversation.message-changed')
    .filter(({ data }) => data.messageId === message.messageId);
  expect(told.map(({ data }) => [data.change, data.text])).toEqual([
    ['edited', 'kind words'],
    ['deleted', null],
  ]);
  expect(told.map(({ aggregateVersion }) => aggregateVersion)).toEqual([2, 3]);
});

test('the preview follows the latest message, and no other', async () => {
  const { tenantId, agent } = await givenWorkspace(bench);
  const first = await givenInbound(bench, { tenantId, occurredAt: new Date('2026-03-02T10:00:00Z') });
  const { conversationId, accountId } = first;
  const last = await givenInbound(bench, {
    ...{ tenantId, conversationId, accountId, occurredAt: new Date('2026-03-02T10:01:00Z') },
    content: { kind: 'location', latitude: 1, longitude: 2, name: null, address: null },
  });
  const preview = async () => (await readConversation(bench, agent, conversationId)).lastMessagePreview;
  expect(await preview()).toBe('[location]');
  await apply(changed(tenantId, first, text('other words')));
  expect(await preview()).toBe('[location]');
  await apply(changed(tenantId, last, text('at the gate')));
  expect(await preview()).toBe('at the gate');
  await apply(changed(tenantId, last, deletion));
  expect(await preview()).toBe('[deleted]');
});

test('a change of an unknown message is skipped, and one told of a conversation that will be joined finds its message', async () => {
  const { tenantId, agent } = await givenWorkspace(bench);
  const [one, other] = [await givenInbound(bench, { tenantId }), await givenInbound(bench, { tenantId })];
  const unknown = changed(tenantId, givenMessage({ tenantId }).data, deletion);
  await bench.harness.publish(unknown);
  await apply(changed(tenantId, { ...one, messageId: other.messageId }, deletion));
  expect(await messageFor(agent, other.messageId)).toMatchObject({ deletedAt: expect.any(String) });
  expect(await messageFor(agent, one.messageId)).toMatchObject({ deletedAt: null });
});
