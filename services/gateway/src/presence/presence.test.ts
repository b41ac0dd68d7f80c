import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { type AgentId, type ConversationId, newId, type TenantId } from '@crossdesk/contracts';
import { systemClock } from '@crossdesk/service-kit';
import { createPresence, type Place, type Presence } from './presence.ts';

const [ana, bo] = [newId<AgentId>(), newId<AgentId>()];
const place: Place = { tenantId: newId<TenantId>(), conversationId: newId<ConversationId>() };

let presence: Presence;
let changes: number;
beforeEach(() => {
  jest.useFakeTimers();
  presence = createPresence(systemClock);
  changes = 0;
  presence.listen(place, () => (changes += 1));
});
afterEach(() => {
  presence.stop();
  jest.useRealTimers();
});

const shown = (at = place) => presence.at(at).map(({ agentId, state }) => [agentId === ana ? 'ana' : 'bo', state]);

test('typing lasts 10 seconds, replying 30, and viewing until it is left; each change is told once', () => {
  const leave = presence.view(place, ana);
  presence.set(place, ana, 'typing');
  presence.set(place, ana, 'typing');
  presence.set(place, bo, 'replying');
  expect(shown()).toEqual([
    ['ana', 'typing'],
    ['bo', 'replying'],
  ]);
  expect(changes).toBe(3);
  jest.advanceTimersByTime(10_100);
  expect(shown()).toEqual([
    ['ana', 'viewing'],
    ['bo', 'replying'],
  ]);
  jest.advanceTimersByTime(20_000);
  expect(shown()).toEqual([['ana', 'viewing']]);
  jest.advanceTimersByTime(3_600_000);
  expect(shown()).toEqual([['ana', 'viewing']]);
  expect(changes).toBe(5);
  leave();
  expect(shown()).toEqual([]);
  expect(changes).toBe(6);
});

test('two windows of one person are one person, and to view ends what they did', () => {
  const [leave, leaveToo] = [presence.view(place, ana), presence.view(place, ana)];
  presence.set(place, ana, 'replying');
  presence.set(place, ana, 'viewing');
  leave();
  expect(shown()).toEqual([['ana', 'viewing']]);
  leaveToo();
  // Said over HTTP, it lasts a while.
  expect(shown()).toEqual([['ana', 'viewing']]);
  jest.advanceTimersByTime(30_100);
  expect(shown()).toEqual([]);
});

test('the same conversation id in another workspace is another place', () => {
  presence.set(place, ana, 'typing');
  expect(shown({ ...place, tenantId: newId<TenantId>() })).toEqual([]);
});
