import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import {
  type AgentId,
  ContractViolation,
  type ConversationId,
  type CustomerId,
  envelopeBytesMax,
  newId,
} from '@crossdesk/contracts';
import { sql } from 'kysely';
import type { RequestContext } from '../src/caller/request-context.ts';
import { causedByEvent, causedByRequest, causedOutside, type Origin, lockedAggregate } from '../src/outbox/outbox.ts';
import { openProbe, type Probe } from './support/probe.ts';

let probe: Probe;

beforeAll(async () => {
  probe = await openProbe();
});

beforeEach(() => probe.forgetEverything());

afterAll(() => probe.close());

interface OutboxRow {
  event_id: string;
  seq: string;
  tenant_id: string;
  topic: string;
  key: string;
  envelope: Record<string, unknown>;
  traceparent: string | null;
  published_at: Date | null;
}

async function rowsOfOutbox(): Promise<OutboxRow[]> {
  const { rows } = await sql<OutboxRow>`select * from outbox_event order by seq`.execute(probe.db.worker);
  return rows;
}

const outside = causedOutside({ kind: 'system', id: null });

function appendName(displayName: string, origin: Origin = outside): Promise<string[]> {
  const agentId = newId<AgentId>();
  const aggregate = lockedAggregate({ tenantId: probe.tenantId, id: agentId, version: 1 });
  const data = { agentId, displayName, role: 'agent', isActive: true } as const;
  return probe.db.asWorker((trx) =>
    probe.outbox.append(trx, [{ aggregate, type: 'conversation.agent-changed', data, origin }]),
  );
}

test('an appended event is a row with its envelope, its topic and its key, not published yet', async () => {
  const { key } = await probe.appendNext(newId());
  expect(await rowsOfOutbox()).toMatchObject([
    {
      tenant_id: probe.tenantId,
      topic: 'crm.link',
      key,
      published_at: null,
      envelope: {
        type: 'crm.conversation-linked',
        version: 1,
        aggregateId: key,
        aggregateVersion: 1,
        causationDepth: 0,
      },
    },
  ]);
});

test('events of one append keep the given order', async () => {
  const key = newId();
  const drafts = Array.from({ length: 50 }, (_, index) => ({
    aggregate: lockedAggregate({ tenantId: probe.tenantId, id: key, version: index + 1 }),
    type: 'crm.conversation-linked' as const,
    data: { conversationId: key as ConversationId, customerId: newId<CustomerId>(), order: null },
    origin: outside,
  }));
  const ids = await probe.db.asWorker((trx) => probe.outbox.append(trx, drafts));
  const rows = await rowsOfOutbox();
  expect(rows.map((row) => row.event_id)).toEqual(ids);
  expect(rows.map((row) => row.envelope['aggregateVersion'])).toEqual(drafts.map((_, index) => index + 1));
});

test('transaction-rolls-back: no event is left', async () => {
  const failing = probe.db.asWorker(async (trx) => {
    await probe.append(trx, newId());
    throw new Error('the change is refused');
  });
  await expect(failing).rejects.toThrow('the change is refused');
  expect(await rowsOfOutbox()).toEqual([]);
});

test('data that breaks the contract is refused, and the transaction can still be used to record why', async () => {
  const aggregate = lockedAggregate({ tenantId: probe.tenantId, id: newId(), version: 1 });
  const draft = { aggregate, type: 'crm.conversation-linked' as const, data: { order: 7 } as never, origin: outside };
  const appending = probe.db.asWorker((trx) => probe.outbox.append(trx, [draft]));
  await expect(appending).rejects.toThrow(ContractViolation);
  await expect(appending).rejects.toThrow(/data\/conversationId/);
});

test.each([
  ['a tenant that is no uuid', { tenantId: 'acme' as never, id: newId(), version: 1 }],
  ['an aggregate that is no uuid', { tenantId: newId<never>(), id: 'conversation-1', version: 1 }],
  ['version 0', { tenantId: newId<never>(), id: newId(), version: 0 }],
])('%s is refused', async (_name, row) => {
  const data = { conversationId: newId<ConversationId>(), customerId: newId<CustomerId>(), order: null };
  const draft = { aggregate: lockedAggregate(row), type: 'crm.conversation-linked' as const, data, origin: outside };
  await expect(probe.db.asWorker((trx) => probe.outbox.append(trx, [draft]))).rejects.toThrow(ContractViolation);
});

test('an envelope above 256 KB is refused, counted in bytes', async () => {
  await expect(appendName('é'.repeat(envelopeBytesMax / 2))).rejects.toThrow(`larger than ${envelopeBytesMax} bytes`);
  await appendName('é'.repeat(envelopeBytesMax / 2 - 1_000));
  expect(await rowsOfOutbox()).toHaveLength(1);
});

test.each([
  ['a NUL', 'a\u0000b'],
  ['half a surrogate pair', 'a\ud83db'],
  ['the other half, after backslashes', '\\\\\udc00'],
])('%s is refused as a breach of contract, not as an error of the database', async (_name, text) => {
  const appending = appendName(text);
  await expect(appending).rejects.toThrow(ContractViolation);
  await expect(appending).rejects.toThrow(/cannot store/);
});

test.each([
  '\\u0000 as somebody types it',
  '\\\\u0000',
  '🙂 ไทย \ud83d\ude42',
  '\\\\\\ud800',
  '\u0001\u001f\u007f\uffff',
])('the text %j is stored unchanged', async (text) => {
  await appendName(text);
  expect(await rowsOfOutbox()).toMatchObject([{ envelope: { data: { displayName: text } } }]);
});

test('the origin of an event is its request or the event before it', async () => {
  const agentId = newId<never>();
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  const request: RequestContext = {
    caller: { kind: 'agent', tenantId: probe.tenantId, agentId, role: 'agent', authenticatedAtMs: 0 },
    requestId: newId(),
    traceparent,
    clientAddress: '127.0.0.1',
    userAgent: '',
  };
  const byRequest = causedByRequest(request);
  await appendName('first', byRequest);
  const cause = { ...probe.eventOf({ key: newId(), step: 1 }), causationDepth: 2 };
  await appendName('second', causedByEvent({ event: cause, traceparent }));
  const rows = await rowsOfOutbox();
  expect(rows.map((row) => row.traceparent)).toEqual([traceparent, traceparent]);
  expect(rows.map((row) => row.envelope)).toMatchObject([
    {
      actor: { kind: 'agent', id: agentId },
      correlationId: byRequest.correlationId,
      causationId: null,
      causationDepth: 0,
    },
    { actor: cause.actor, correlationId: cause.correlationId, causationId: cause.id, causationDepth: 3 },
  ]);
});
