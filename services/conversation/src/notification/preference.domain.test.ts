import { expect, test } from '@jest/globals';
import { type AgentId, newId, type TenantId } from '@crossdesk/contracts';
import { choose, defaultPreferences, type Preferences, quietForMs } from './preference.domain.ts';

const present = defaultPreferences(newId<TenantId>(), newId<AgentId>());
const night: Preferences = { ...present, zone: 'Asia/Shanghai', quiet: { fromMin: 22 * 60, untilMin: 7 * 60 } };
const minutes = (ms: number) => ms / 60_000;

test.each([
  ['2026-03-02T14:00:00.000Z', 540, 'they begin at 22:00 in Shanghai'],
  ['2026-03-02T13:59:59.999Z', 0, 'a moment before'],
  ['2026-03-02T22:59:30.000Z', 0.5, 'the last half minute'],
  ['2026-03-02T23:00:00.000Z', 0, 'they end at 07:00'],
])('at %s quiet hours last for %d minutes: %s', (now, expected) => {
  expect(minutes(quietForMs(night, new Date(now)))).toBe(expected);
});

test('without quiet hours it is never quiet', () => {
  expect(quietForMs(present, new Date('2026-03-02T02:00:00.000Z'))).toBe(0);
});

test.each([
  ['a zone that does not exist', { zone: 'Mars/Base' }],
  ['a time that does not exist', { quiet: { from: '24:00', until: '07:00' } }],
  ['quiet hours without length', { quiet: { from: '07:00', until: '07:00' } }],
])('%s is refused', (_, wrong) => {
  const input = { ways: [], quiet: null, zone: 'UTC' };
  expect(choose(present, { ...input, ...wrong }).ok).toBe(false);
});
