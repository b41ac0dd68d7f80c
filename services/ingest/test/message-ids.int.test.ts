import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import { type EventOf, firstIdAt, newId, type TenantId } from '@crossdesk/contracts';
import type { NormalisedMessage } from '@crossdesk/channels/adapters';
import { type Connected, openPlatforms, type Platforms } from './platforms.ts';

const minuteMs = 60_000;
const tenantId = newId<TenantId>();
let here: Platforms;
let whatsapp: Connected;
beforeAll(async () => {
  here = await openPlatforms('message ids');
  whatsapp = await here.connect(tenantId, 'whatsapp', '810600000000001');
});
afterEach(() => void jest.restoreAllMocks());
afterAll(() => here.close());

const sharedSecond = new Date('2026-01-02T12:00:00Z');

function messageOf(thread: string, text: string): NormalisedMessage {
  const nothing = { commerceId: null, name: null, phone: null, email: null, avatarUrl: null, locale: null };
  return {
    externalThreadId: thread,
    externalMessageId: `${thread}-${text}`,
    direction: 'inbound',
    author: 'buyer',
    buyer: { externalId: thread, ...nothing },
    content: { kind: 'text', text },
    occurredAt: sharedSecond,
    sequence: null,
    replyToExternalId: null,
    externalOrderIds: [],
    raw: '{}',
  };
}

/**
 * Records as a process whose clock is wrong by `clockOffMs` would: with its own copy of the modules, and so with its
 * own id generator.
 */
async function recordOnProcess(clockOffMs: number, thread: string, ...texts: string[]): Promise<void> {
  const now = Date.now() + clockOffMs;
  jest.resetModules();
  const { recordMessages } = await import('../src/inbound/record-messages.ts');
  const { adapters } = await import('@crossdesk/channels/adapters');
  const clock = jest.spyOn(Date, 'now').mockReturnValue(now);
  const { runtime } = here.ingest;
  const account = { id: whatsapp.accountId, tenantId, channel: 'whatsapp', country: null } as const;
  const incoming = texts.map((text) => messageOf(thread, text));
  await runtime.db.asWorker((trx) =>
    recordMessages(
      { runtime, adapters, nudgeMedia: () => undefined },
      trx,
      incoming.map((message) => ({
        account,
        message,
        claimedAt: null,
        receivedAt: new Date(now),
        traceparent: null,
        rawId: null,
      })),
    ),
  );
  clock.mockRestore();
}

function isText({ data: { content } }: EventOf<'ingest.message-received'>, text: string): boolean {
  return content.kind === 'text' && content.text === text;
}

/** The texts of a thread in the order of their messages' ids: the order in which readers see messages of one second. */
async function textsById(thread: string, count: number): Promise<string[]> {
  const events = await here.harness.events.count(
    'ingest.message-received',
    count,
    ({ data }) => data.externalThreadId === thread,
  );
  const messages = events.map(({ data }) => data).toSorted((a, b) => (a.messageId < b.messageId ? -1 : 1));
  return messages.map(({ content }) => (content.kind === 'text' ? content.text : content.kind));
}

test('messages of one second keep the order they were recorded in by processes whose clocks differ', async () => {
  await recordOnProcess(5 * minuteMs, 'talk', 'Hello', 'Are you there?');
  await recordOnProcess(0, 'talk', 'It is about my order', 'the red one');
  await recordOnProcess(-5 * minuteMs, 'talk', 'number 17');
  expect(await textsById('talk', 5)).toEqual([
    'Hello',
    'Are you there?',
    'It is about my order',
    'the red one',
    'number 17',
  ]);
});

test('the clock of a process that is hours ahead is ignored: the next id has its true time', async () => {
  await recordOnProcess(240 * minuteMs, 'ahead', 'first');
  await recordOnProcess(0, 'ahead', 'second', 'third');
  expect(await textsById('ahead', 3)).toEqual(['second', 'third', 'first']);
  const { data } = await here.harness.events.next('ingest.message-received', (event) => isText(event, 'second'));
  expect(data.messageId < firstIdAt(new Date(Date.now() + minuteMs))).toBe(true);
});

test('a reaction, an edit and a revocation on WhatsApp name the message they are about', async () => {
  const { twin, harness } = here;
  const { shop } = whatsapp;
  const said = twin.buyerSays({ shop, buyer: 'rita', content: { kind: 'text', text: 'Were is it?' } });
  const { data } = await harness.events.next(
    'ingest.message-received',
    (event) => event.data.externalMessageId === said.messageId,
  );
  const changed = { shop, buyer: 'rita', messageId: said.messageId };
  const content = { kind: 'text', text: 'Where is it?' } as const;
  twin.changeMessage({ ...changed, by: 'seller', change: { kind: 'reacted', emoji: '👀' } });
  twin.changeMessage({ ...changed, by: 'buyer', change: { kind: 'edited', content } });
  twin.changeMessage({ ...changed, by: 'buyer', change: { kind: 'deleted' } });
  const ofMessage = ({ data: { messageId } }: EventOf<'ingest.message-changed'>) => messageId === data.messageId;
  const told = await harness.events.count('ingest.message-changed', 3, ofMessage);
  expect(told.map((event) => [event.data.by, event.data.change])).toEqual([
    ['seller', { kind: 'reacted', emoji: '👀' }],
    ['buyer', { kind: 'edited', content }],
    ['buyer', { kind: 'deleted' }],
  ]);
});
