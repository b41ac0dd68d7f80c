import { expect, test } from '@jest/globals';
import {
  type ChannelAccountId,
  type ConversationId,
  type CustomerId,
  type ErasureId,
  type EventOf,
  newId,
  type TenantId,
} from '@crossdesk/contracts';
import { anEvent, givenMessage } from '@crossdesk/testkit';
import fc from 'fast-check';
import type { Transaction } from 'kysely';
import type { ConsumerSpec, Delivered } from '../src/consumer/consumer.port.ts';
import { callHandlers } from '../src/consumer/handler-calls.ts';

type Handled = EventOf<'ingest.message-received' | 'ingest.buyer-identified' | 'ingest.buyer-erased'>;

const tenantId = newId<TenantId>();
const keys = Array.from({ length: 4 }, () => newId<ConversationId>());
const accountId = newId<ChannelAccountId>();
const { buyer } = givenMessage({ tenantId }).data;

const make: Record<'message' | 'name' | 'erasure', (conversationId: ConversationId) => Handled> = {
  message: (conversationId) => givenMessage({ tenantId, conversationId }),
  name: (conversationId) =>
    anEvent(
      'ingest.buyer-identified',
      { conversationId, accountId, channel: 'shopee', buyer },
      { tenantId, aggregateId: conversationId },
    ),
  erasure: (conversationId) =>
    anEvent(
      'ingest.buyer-erased',
      { conversationId, accountId, erasureId: newId<ErasureId>(), customerId: newId<CustomerId>() },
      { tenantId, aggregateId: conversationId },
    ),
};

/** Passes events to a consumer whose handlers record their input, call by call. Handlers touch no database here. */
async function callsOf(events: readonly Handled[], isShared = false): Promise<Handled[][]> {
  const calls: Handled[][] = [];
  const note = () => async (_trx: Transaction<unknown>, delivered: readonly Delivered<Handled['type']>[]) => {
    calls.push(delivered.map(({ event }) => event));
  };
  const first = note();
  const spec: ConsumerSpec<unknown> = {
    name: 'probe.calls',
    on: {
      'ingest.message-received': first,
      'ingest.buyer-identified': isShared ? first : note(),
      'ingest.buyer-erased': note(),
    },
  };
  const delivered = events.map((event) => ({ event, traceparent: null }));
  await callHandlers(spec, {} as Transaction<unknown>, delivered);
  return calls;
}

const batches = fc
  .array(fc.tuple(fc.constantFrom('message', 'name', 'erasure'), fc.constantFrom(...keys)), { maxLength: 40 })
  .map((steps) => steps.map(([kind, key]) => make[kind](key)));

test('each event is handled once, those of a key in order, and a call contains events of one handler', async () => {
  await fc.assert(
    fc.asyncProperty(batches, fc.boolean(), async (events, isShared) => {
      const calls = await callsOf(events, isShared);
      const handled = calls.flat();
      expect(handled).toHaveLength(events.length);
      for (const key of keys) {
        const ofKey = (event: Handled) => event.aggregateId === key;
        expect(handled.filter(ofKey)).toEqual(events.filter(ofKey));
      }
      const handlersOf = (call: readonly Handled[]) =>
        new Set(
          call.map(({ type }) => (isShared && type === 'ingest.buyer-identified' ? 'ingest.message-received' : type)),
        );
      for (const call of calls) expect(handlersOf(call).size).toBe(1);
    }),
  );
});

test('a batch of many keys stays one call for each handler, however the types alternate', async () => {
  const many = Array.from({ length: 100 }, () => newId<ConversationId>());
  const calls = await callsOf(many.flatMap((key) => [make.message(key), make.name(key)]));
  expect(calls.map((call) => call.length)).toEqual([100, 100]);
});

test('events after an erasure of their key are handled after it, and other keys share the calls', async () => {
  const [first, second] = [newId<ConversationId>(), newId<ConversationId>()];
  const [before, erased, behind, other] = [
    make.message(first),
    make.erasure(first),
    make.message(first),
    make.message(second),
  ];
  expect(await callsOf([before, erased, behind, other])).toEqual([[before, other], [erased], [behind]]);
});

test('types that share a function share a call', async () => {
  const key = newId<ConversationId>();
  const events = [make.message(key), make.name(key), make.message(key)];
  expect(await callsOf(events, true)).toEqual([events]);
});

test('events without a handler are skipped', async () => {
  const calls = { count: 0 };
  const spec: ConsumerSpec<unknown> = {
    name: 'probe.deaf',
    on: { 'ingest.buyer-erased': async () => void (calls.count += 1) },
  };
  await callHandlers(spec, {} as Transaction<unknown>, [{ event: make.message(newId()), traceparent: null }]);
  expect(calls.count).toBe(0);
});
