import { describe, expect, test } from '@jest/globals';
import { nextEntry, startOfChain } from '@crossdesk/service-kit';
import { machineAnswersOnce } from '../src/checkers/answers.checker.ts';
import { checkAll } from '../src/checkers/check-all.ts';
import type { CheckName } from '../src/checkers/checker.port.ts';
import { pacesIn } from '../src/checkers/pace.checker.ts';
import type { Entry, Operation } from '../src/history.ts';
import type { AuditChain, Observations, OutboxEvent } from '../src/observations.ts';

type Draft = { -readonly [Key in keyof Observations]: Observations[Key][number][] };

interface Case {
  readonly history: Entry[];
  readonly seen: Draft;
}

const shop = 'generic/web';
const accountId = 'a1';
const conversationId = 'c1';
const reply = { op: 'reply', clientKey: 'k1', text: 'It ships today', conversationId, messageId: 'm3' } as const;

function event(seq: number, service: string, type: string, version: number, data: OutboxEvent['data']): OutboxEvent {
  const topic = service === 'ingest' ? 'ingest.inbound' : 'conversation.conversation';
  const occurredAt = `2026-01-01T00:00:0${seq}.000Z`;
  const common = { tenantId: 't1', topic, key: conversationId, occurredAt, isPublished: true };
  return { ...common, service, seq, eventId: `${service} ${seq}`, type, version, data };
}

const snapshot = (state: string, unreadCount: number) => ({
  conversation: { conversationId, accountId, channel: 'generic', state, assigneeId: null, unreadCount },
});

function auditChain(service: string, actions: readonly { action: string; targetId: string }[]): AuditChain {
  const key = Buffer.from(service);
  let head = startOfChain('t1');
  const entries = actions.map((what) => {
    const entry = nextEntry(key, head, { ...what, at: new Date(0), actorKind: 'agent', actorId: 'g1' });
    head = entry;
    return entry;
  });
  return { service, key, head, entries };
}

/** Two messages of a buyer that were answered once, without any violation. */
function soundCase(): Case {
  const operations: Operation[] = [
    { op: 'webhook', phase: 'invoke', shop, thread: 'th1', id: 'x1' },
    { op: 'webhook', phase: 'ok', shop, thread: 'th1', id: 'x1' },
    { op: 'webhook', phase: 'invoke', shop, thread: 'th1', id: 'x2' },
    { op: 'webhook', phase: 'info', shop, thread: 'th1', id: 'x2' },
    { op: 'webhook', phase: 'ok', shop, thread: 'th1', id: 'x2' },
    { ...reply, phase: 'invoke', messageId: null },
    { ...reply, phase: 'ok' },
    { op: 'live', subscriber: 's1', tenantId: 't1', eventId: 'conversation 1', conversationId, version: 1 },
    { op: 'live', subscriber: 's1', tenantId: 't1', eventId: 'conversation 2', conversationId, version: 2 },
    { op: 'live', subscriber: 's1', tenantId: 't1', eventId: 'conversation 3', conversationId, version: 3 },
    { op: 'poison', phase: 'invoke', topic: 'ingest.inbound', key: 'p1' },
    { op: 'poison', phase: 'ok', topic: 'ingest.inbound', key: 'p1' },
    { op: 'erasure', phase: 'invoke', canary: 'canary-1', erasureId: null },
    { op: 'erasure', phase: 'ok', canary: 'canary-1', erasureId: 'e1' },
    { op: 'sample', memoryMb: 200, connections: 40 },
    { op: 'quiet', tookMs: 900, waitingFor: [] },
    { op: 'read', tenantId: 't1', externalIds: ['x1', 'x2'] },
  ];
  const outbox = [
    event(1, 'ingest', 'ingest.message-received', 1, { messageId: 'm1', direction: 'inbound' }),
    event(2, 'ingest', 'ingest.message-received', 2, { messageId: 'm2', direction: 'inbound' }),
    event(1, 'conversation', 'conversation.message-added', 1, {
      ...snapshot('unread', 1),
      direction: 'inbound',
      author: 'buyer',
    }),
    event(2, 'conversation', 'conversation.message-added', 2, {
      ...snapshot('unread', 2),
      direction: 'inbound',
      author: 'buyer',
    }),
    event(3, 'conversation', 'conversation.message-added', 3, {
      ...snapshot('handled', 0),
      direction: 'outbound',
      author: 'agent',
    }),
    event(4, 'conversation', 'conversation.reply-requested', 4, { messageId: 'm3' }),
  ];
  const log = outbox.map(({ topic, key, eventId, type, seq }) => ({
    topic,
    key,
    eventId,
    type,
    partition: 0,
    position: seq - 1,
  }));
  const poison = { topic: 'ingest.inbound', key: 'p1', eventId: null, type: null, partition: 0, position: 2 };
  const message = { tenantId: 't1', conversationId, accountId, isBulk: false };
  const place = {
    ...{ tenantId: 't1', accountId, channel: 'generic', state: 'handled', phase: 'open' },
    ...{ assigneeId: null, teamId: null, enquiryType: null },
  };
  return {
    history: operations.map((operation, index) => ({ ...operation, atMs: index })),
    seen: {
      accounts: [{ id: accountId, tenantId: 't1', shop }],
      receipts: ['x1', 'x2'].map((deliveryKey) => ({ addressId: 'a1', deliveryKey })),
      inbound: [
        { accountId, externalId: 'x1', messageId: 'm1', conversationId },
        { accountId, externalId: 'x2', messageId: 'm2', conversationId },
      ],
      conversations: [{ ...place, id: conversationId, unreadCount: 0 }],
      messages: [
        { ...message, id: 'm1', externalId: 'x1', direction: 'inbound', author: 'buyer', status: null, text: 'Hello' },
        {
          ...message,
          id: 'm2',
          externalId: 'x2',
          direction: 'inbound',
          author: 'buyer',
          status: null,
          text: 'Where is it?',
        },
        {
          ...message,
          id: 'm3',
          externalId: 'x3',
          direction: 'outbound',
          author: 'agent',
          status: 'sent',
          text: reply.text,
        },
      ],
      forPeople: [],
      analysed: ['m1', 'm2'],
      linked: [conversationId],
      outbox,
      log: [...log, poison],
      processed: [
        { consumer: 'conversation.inbox', eventId: 'ingest 1' },
        { consumer: 'conversation.inbox', eventId: 'ingest 2' },
      ],
      deadLetters: [
        {
          consumer: 'conversation.inbox',
          eventId: 'bytes',
          topic: 'ingest.inbound',
          key: 'p1',
          reason: 'no JSON',
          isReplayed: false,
        },
      ],
      groups: [{ consumer: 'conversation.inbox', topic: 'ingest.inbound', partition: 0, next: 3 }],
      intents: [{ messageId: 'm3', conversationId, status: 'sent', needsPerson: false, text: reply.text }],
      executed: [{ shop, externalId: 'x3', text: reply.text }],
      console: [],
      counters: [{ ...place, conversations: 1, unread: 0 }],
      audit: [
        auditChain('ingest', [{ action: 'connectChannelAccount', targetId: accountId }]),
        auditChain('conversation', [
          { action: 'sendMessage', targetId: 'm3' },
          { action: 'markConversationRead', targetId: conversationId },
        ]),
      ],
      waitsInVain: [],
      routed: [],
      clocks: [],
      bulkItems: [],
      erasedConversations: [],
      erasures: [{ id: 'e1', isCompleted: true }],
      // Of a customer whose erasure was not accepted.
      canaries: [{ canary: 'canary-2', place: 'conversation.message.content 1' }],
    },
  };
}

function add(history: Entry[], operation: Operation): void {
  history.push({ ...operation, atMs: 1_000 + history.length });
}

function change<Row extends object>(rows: Row[], index: number, changes: Partial<Row>): void {
  const [row] = rows.splice(index, 1);
  if (row !== undefined) rows.splice(index, 0, { ...row, ...changes });
}

test('a reply whose text was erased is recognised by its message id', () => {
  const { history, seen } = soundCase();
  change(seen.intents, 0, { text: null });
  change(seen.messages, 2, { text: '' });
  expect(checkAll(history, seen)).toEqual([]);
});

test('a case without violations has none', () => {
  const { history, seen } = soundCase();
  add(history, herd);
  for (const beside of ['nobody', 'the hot one'] as const)
    add(history, { op: 'pace', what: 'acknowledged', beside, tookMs: beside === 'nobody' ? 12 : 999 });
  const shown = history.filter(({ op }) => op === 'live');
  history.push(...shown.map((entry) => ({ ...entry, subscriber: 's2' })));
  history.push(...shown.slice(0, 2).map((entry) => ({ ...entry, subscriber: 's3' })));
  add(history, { op: 'left', subscriber: 's3' });
  expect(checkAll(history, seen)).toEqual([]);
});

test('waits of quiet tenants are measured alone, beside many others and beside the hot one', () => {
  const history: Entry[] = [];
  const pace = { op: 'pace', what: 'shown' } as const;
  for (let n = 1; n <= 200; n += 1) {
    add(history, { ...pace, beside: 'nobody', tookMs: n });
    add(history, { ...pace, beside: 'as many of others', tookMs: 2 * n });
    add(history, { ...pace, beside: 'the hot one', tookMs: 3 * n });
  }
  expect(pacesIn(history)).toEqual([
    {
      what: 'shown',
      count: 200,
      alone: { medianMs: 100, p99Ms: 198 },
      even: { medianMs: 200, p99Ms: 396 },
      beside: { medianMs: 300, p99Ms: 594 },
    },
  ]);
});

const herd = {
  op: 'herd',
  kind: 'gateway killed',
  ...{ size: 2_000, found: 2_000, readyMs: 3_000, tookMs: 9_000, connects: 2_000, ends: {} },
  ...{ memoryMb: 300, asked: 40, unanswered: 0, slowestMs: 900 },
} as const;

function cutOff(chains: AuditChain[], at: number): void {
  change(chains, at, { entries: chains[at]?.entries.slice(0, -1) ?? [] });
}

const planted: readonly (readonly [CheckName, string, (broken: Case) => void])[] = [
  ['I1', 'an acknowledged message is not in the inbox', ({ seen }) => seen.inbound.splice(1, 1)],
  ['I1', 'an acknowledged message is not in its conversation', ({ seen }) => seen.messages.splice(1, 1)],
  ['I1', 'a message was never analysed', ({ seen }) => seen.analysed.pop()],
  ['I1', 'a conversation has no customer', ({ seen }) => seen.linked.pop()],
  ['I2', 'a receipt is there twice', ({ seen }) => seen.receipts.push({ addressId: 'a1', deliveryKey: 'x1' })],
  ['I2', 'a platform message became two messages', ({ seen }) => change(seen.messages, 1, { externalId: 'x1' })],
  ['I2', 'a message that nobody sent is shown', ({ seen }) => change(seen.messages, 0, { externalId: 'x9' })],
  ['I2', 'our own reply is shown a second time', ({ seen }) => change(seen.messages, 1, { text: reply.text })],
  [
    'I3',
    'two messages are shown in the wrong order',
    ({ seen }) => seen.messages.unshift(...seen.messages.splice(1, 1)),
  ],
  ['I3', 'a conversation mixes two threads', ({ history }) => change(history, 2, { thread: 'th2' } as never)],
  [
    'I3',
    'a subscriber is shown an event twice',
    ({ history }) => history.push(...history.filter(({ op }) => op === 'live').slice(-1)),
  ],
  ['I3', 'a subscriber sees a conversation go back', ({ history }) => change(history, 9, { version: 1 } as never)],
  ['I3', 'a subscriber is never shown an event', ({ history }) => history.splice(8, 1)],
  ['I3', 'two events have the same version', ({ seen }) => change(seen.outbox, 1, { version: 1 })],
  [
    'I3',
    'events are published out of order',
    ({ seen }) => {
      change(seen.log, 0, { eventId: 'ingest 2' });
      change(seen.log, 1, { eventId: 'ingest 1' });
    },
  ],
  [
    'I3',
    'a later reply reached the buyer first',
    ({ history, seen }) => {
      const later = { ...reply, text: 'Anything else?', clientKey: 'k2', messageId: 'm4' };
      add(history, { ...later, phase: 'invoke' });
      add(history, { ...later, phase: 'ok' });
      seen.executed.unshift({ shop, externalId: 'x4', text: later.text });
    },
  ],
  ['I4', 'a counter differs from a recount', ({ seen }) => change(seen.counters, 0, { conversations: 2 })],
  [
    'I4',
    'a conversation counts answered messages as unread',
    ({ seen }) => change(seen.conversations, 0, { unreadCount: 2 }),
  ],
  [
    'I4',
    'a message shows another status than its delivery has',
    ({ seen }) => change(seen.messages, 2, { status: 'failed' }),
  ],
  ['I5', 'an event is not on the log', ({ seen }) => seen.log.splice(1, 1)],
  ['I5', 'an event is on the log and not marked', ({ seen }) => change(seen.outbox, 0, { isPublished: false })],
  ['I5', 'the log has an event that nobody appended', ({ seen }) => change(seen.log, 2, { eventId: 'from nowhere' })],
  ['I6', 'a reply was executed twice', ({ seen }) => seen.executed.push({ shop, externalId: 'x4', text: reply.text })],
  ['I6', 'a reply counts as sent and was not executed', ({ seen }) => seen.executed.pop()],
  ['I6', 'a reply counts as failed and was executed', ({ seen }) => change(seen.intents, 0, { status: 'failed' })],
  ['I6', 'a reply is stuck', ({ seen }) => change(seen.intents, 0, { status: 'sending' })],
  ['I6', 'an accepted reply has no intent', ({ seen }) => seen.intents.pop()],
  [
    'I6',
    'something was executed that nobody asked for',
    ({ seen }) => seen.executed.push({ shop, externalId: 'x4', text: 'Who said this?' }),
  ],
  ['I7', 'a position is committed whose event was neither taken nor parked', ({ seen }) => seen.processed.pop()],
  [
    'I8',
    'a workspace is shown a message of another one',
    ({ history }) => add(history, { op: 'read', tenantId: 't2', externalIds: ['x1'] }),
  ],
  [
    'I9',
    'the system does not become quiet',
    ({ history }) => add(history, { op: 'quiet', tookMs: null, waitingFor: ['1 replies sending'] }),
  ],
  ['I9', 'memory grows', ({ history }) => add(history, { op: 'sample', memoryMb: 5_000, connections: 40 })],
  [
    'I9',
    'a quiet tenant waits longer beside a hot one',
    ({ history }) => {
      const pace = { op: 'pace', what: 'shown' } as const;
      for (let n = 1; n <= 100; n += 1) add(history, { ...pace, beside: 'nobody', tookMs: 500 });
      for (let n = 1; n <= 100; n += 1) add(history, { ...pace, beside: 'the hot one', tookMs: n < 99 ? 500 : 1_001 });
    },
  ],
  ['I9', 'some of a herd do not come back', ({ history }) => add(history, { ...herd, found: 1_999 })],
  ['I9', 'others are not answered while a herd comes back', ({ history }) => add(history, { ...herd, unanswered: 1 })],
  ['I9', 'others wait long while a herd comes back', ({ history }) => add(history, { ...herd, slowestMs: 11_000 })],
  [
    'I3',
    'one of many subscribers is never shown an event',
    ({ history }) => {
      const shown = history.filter((entry) => entry.op === 'live');
      history.push(...shown.slice(0, 2).map((entry) => ({ ...entry, subscriber: 's2' })));
    },
  ],
  [
    'I3',
    'a subscriber who left was not shown an event before the last one',
    ({ history }) => {
      history.splice(8, 1);
      add(history, { op: 'left', subscriber: 's1' });
    },
  ],
  ['I10', 'a record that cannot be read was not parked', ({ seen }) => seen.deadLetters.pop()],
  ['I10', 'a readable event was parked', ({ seen }) => change(seen.deadLetters, 0, { key: conversationId })],
  [
    'I11',
    'somebody changed an entry of an audit chain',
    ({ seen }) => {
      const [, chain] = seen.audit;
      const [entry, ...rest] = chain?.entries ?? [];
      if (entry !== undefined)
        change(seen.audit, 1, { entries: [{ ...entry, action: 'assignConversation' }, ...rest] });
    },
  ],
  ['I11', 'the end of an audit chain is missing', ({ seen }) => cutOff(seen.audit, 1)],
  [
    'I11',
    'a reply that was accepted has no entry',
    ({ seen }) =>
      seen.audit.splice(1, 1, auditChain('conversation', [{ action: 'markConversationRead', targetId: 'c1' }])),
  ],
  [
    'I11',
    'a reply whose sender got no answer has no entry',
    ({ history, seen }) => {
      history.splice(6, 1);
      seen.audit.splice(1, 1);
    },
  ],
  [
    'I11',
    'a reply has two entries',
    ({ seen }) => {
      const twice = { action: 'sendMessage', targetId: 'm3' };
      seen.audit.splice(1, 1, auditChain('conversation', [twice, twice]));
    },
  ],
  [
    'I11',
    'an entry is of a reply that is not there',
    ({ seen }) => {
      const sent = ['m3', 'm4'].map((targetId) => ({ action: 'sendMessage', targetId }));
      seen.audit.splice(1, 1, auditChain('conversation', sent));
    },
  ],
  ['I11', 'a shop was connected without an entry', ({ seen }) => seen.audit.splice(0, 1)],
  [
    'I12',
    'the counters are not those that the history gives',
    ({ seen }) => change(seen.counters, 0, { state: 'pending' }),
  ],
  ['erasure', 'an erasure never ends', ({ seen }) => change(seen.erasures, 0, { isCompleted: false })],
  [
    'erasure',
    'a word of an erased customer is left',
    ({ seen }) => seen.canaries.push({ canary: 'canary-1', place: 'ingest.thread.buyer 1' }),
  ],
  ['I12', 'a message is not in any history', ({ seen }) => change(seen.messages, 0, { id: 'm9' })],
];

describe('the checkers see that', () => {
  test.each(planted)('%s: %s', (check, _what, plant) => {
    const broken = soundCase();
    plant(broken);
    const found = checkAll(broken.history, broken.seen).map((violation) => violation.check);
    expect(found).toContain(check);
  });
});

test('I6: where machines answer, they answer every buyer who is not for people', () => {
  const { history, seen } = soundCase();
  const added = (key: string, author: string) => ({
    ...event(9, 'conversation', 'conversation.message-added', 1, { author }),
    key,
  });
  const [message] = seen.messages;
  if (message === undefined) throw new Error('the sound case has messages');
  const answered = {
    ...seen,
    messages: [{ ...message, id: 'm9', author: 'bot' }],
    outbox: [added('answered', 'buyer'), { ...added('answered', 'bot'), version: 2 }, added('angry', 'buyer')],
  };
  expect(machineAnswersOnce(history, answered)).toEqual([{ check: 'I6', kind: 'lost', what: 'nobody answered angry' }]);
  expect(machineAnswersOnce(history, { ...answered, forPeople: ['angry'] })).toEqual([]);
});
