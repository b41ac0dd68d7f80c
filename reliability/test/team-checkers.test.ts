import { describe, expect, test } from '@jest/globals';
import {
  clocksTellOnce,
  nothingWaitsInVain,
  oneOwnerAtATime,
  onlyWithRoomAndOnDuty,
  targetsOnce,
} from '../src/checkers/team.checker.ts';
import { keysInOrder } from '../src/checkers/log.checker.ts';
import type { Entry, Operation } from '../src/history.ts';
import { nothingObserved, type Observations, type OutboxEvent } from '../src/observations.ts';

let seq = 0;
function event(key: string, type: string, version: number, data: OutboxEvent['data']): OutboxEvent {
  seq += 1;
  const of = { service: 'conversation', tenantId: 't1', topic: 'conversation.conversation', isPublished: true };
  return { ...of, seq, eventId: `e${seq}`, key, type: `conversation.${type}`, version, occurredAt: '', data };
}

const shown = (version: number, assigneeId: string | null, strategy?: string): OutboxEvent =>
  event('c1', 'changed', version, {
    conversation: { assigneeId },
    ...(strategy === undefined ? {} : { assignment: { strategy } }),
  });
const duty = (agentId: string, isOnDuty: boolean): OutboxEvent => event(agentId, 'duty-changed', 1, { isOnDuty });
const clockTold = (type: string, clockId: string): OutboxEvent => event('c1', type, 1, { clockId });
const saw = (seen: Partial<Observations>): Observations => ({ ...nothingObserved, ...seen });
const did = (...operations: Operation[]): Entry[] => operations.map((operation) => ({ ...operation, atMs: 0 }));
const claimed = (agentId: string, isTheirs: boolean): Operation => ({
  ...{ op: 'claim', conversationId: 'c1', agentId, isTheirs },
});

describe('routing', () => {
  test('what waits while somebody has room is lost', () => {
    expect(nothingWaitsInVain([], nothingObserved)).toEqual([]);
    expect(nothingWaitsInVain([], saw({ waitsInVain: [{ conversationId: 'c1', agentId: 'ana' }] }))).toMatchObject([
      { check: 'routing', kind: 'lost' },
    ]);
  });

  test('a conversation is given only when nobody has it, whatever the order in which its events are read', () => {
    const sound = [shown(4, 'bo', 'claimed'), shown(1, null), shown(2, 'ana', 'balanced'), shown(3, null)];
    const claims = did(claimed('bo', true), claimed('ana', false));
    expect(oneOwnerAtATime(claims, saw({ outbox: sound }))).toEqual([]);
    const over = [shown(1, null), shown(2, 'ana', 'balanced'), shown(3, 'bo', 'claimed')];
    expect(oneOwnerAtATime([], saw({ outbox: over }))).toMatchObject([{ check: 'routing', kind: 'doubled' }]);
  });

  test('whoever was told that it is theirs had it', () => {
    const outbox = [shown(1, null), shown(2, 'ana', 'claimed')];
    expect(oneOwnerAtATime(did(claimed('ana', true), claimed('bo', true)), saw({ outbox }))).toMatchObject([
      { kind: 'lost', what: 'bo took c1 and never had it' },
    ]);
  });

  test('the queue gives to people on duty; they may take what they like at any time', () => {
    const sound = [duty('ana', true), shown(1, 'ana', 'balanced'), duty('ana', false), shown(2, 'ana', 'claimed')];
    expect(onlyWithRoomAndOnDuty([], saw({ outbox: sound }))).toEqual([]);
    expect(onlyWithRoomAndOnDuty([], saw({ outbox: [...sound, shown(3, 'ana', 'sticky')] }))).toMatchObject([
      { check: 'routing', kind: 'wrong' },
    ]);
  });

  test('the queue gives as much as somebody can take, and a fifth more to whoever wrote last', () => {
    const routed = (strategy: string, used: number) => [
      { conversationId: 'c1', agentId: 'ana', strategy, used, capacity: 10 },
    ];
    for (const sound of [routed('balanced', 9), routed('sticky', 9)])
      expect(onlyWithRoomAndOnDuty([], saw({ routed: sound }))).toEqual([]);
    for (const full of [routed('balanced', 10), routed('sticky', 10)])
      expect(onlyWithRoomAndOnDuty([], saw({ routed: full }))).toMatchObject([{ check: 'routing', kind: 'wrong' }]);
  });
});

test('a clock warns and breaches once each, and tells what it says that it told', () => {
  const clocks = [{ id: 'k1', told: ['warned', 'breached'], isBreached: true }];
  const outbox = [clockTold('sla-warned', 'k1'), clockTold('sla-breached', 'k1'), clockTold('sla-warned', 'k2')];
  expect(clocksTellOnce([], saw({ clocks, outbox }))).toEqual([]);
  expect(clocksTellOnce([], saw({ clocks, outbox: [...outbox, clockTold('sla-breached', 'k1')] }))).toMatchObject([
    { check: 'sla', kind: 'doubled' },
  ]);
  expect(clocksTellOnce([], saw({ clocks, outbox: outbox.slice(0, 1) }))).toMatchObject([
    { check: 'sla', kind: 'lost' },
  ]);
});

test('each target of a bulk job is settled, with one message exactly when it is done', () => {
  const history = did({ op: 'bulk', jobId: 'j1', conversationIds: ['c1', 'c2'] });
  const item = (conversationId: string, outcome: string | null, messages: number) => ({
    ...{ jobId: 'j1', conversationId, outcome, messages },
  });
  const kinds = (...bulkItems: Observations['bulkItems'][number][]) =>
    targetsOnce(history, saw({ bulkItems, erasedConversations: ['c2'] })).map(({ kind }) => kind);
  expect(kinds(item('c1', 'done', 1), item('c2', 'refused', 0))).toEqual([]);
  expect(kinds(item('c1', 'done', 1), item('c2', 'done', 0))).toEqual([]);
  expect(kinds(item('c1', 'done', 2), item('c2', 'refused', 0))).toEqual(['doubled']);
  expect(kinds(item('c1', 'done', 0), item('c2', 'refused', 1))).toEqual(['lost', 'doubled']);
  expect(kinds(item('c1', 'done', 1), item('c2', null, 0))).toEqual(['lost']);
  expect(kinds(item('c1', 'done', 1))).toEqual(['lost']);
});

test('I3: only marks share the version of the change before them, and the duty of a person counts by itself', () => {
  const inOrder = (...outbox: OutboxEvent[]) => keysInOrder([], saw({ outbox })).map(({ check }) => check);
  const marked = (version: number) => event('c1', 'marks-changed', version, {});
  expect(inOrder(shown(1, null), marked(1), shown(2, null))).toEqual([]);
  expect(inOrder(shown(2, null), marked(1))).toEqual(['I3']);
  expect(inOrder(shown(1, null), shown(1, null))).toEqual(['I3']);
  expect(inOrder(event('ana', 'agent-changed', 1, {}), duty('ana', true))).toEqual([]);
  expect(inOrder(duty('ana', true), duty('ana', false))).toEqual(['I3']);
});
