import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { armOf } from './arm.ts';
import { decide, type GateFacts } from './gate.domain.ts';
import { placeOf } from './place.domain.ts';
import { nextAllowedAt } from './quiet.domain.ts';

const now = new Date('2026-03-04T12:00:00.000Z');
const facts: GateFacts = {
  now,
  purpose: 'marketing',
  notAfter: new Date('2026-03-08T12:00:00.000Z'),
  isErased: false,
  isAlreadyDecided: false,
  isGoalMet: false,
  isCancelled: false,
  isPaused: false,
  arm: 'message',
  consent: 'granted',
  isSuppressed: false,
  windowMarginMs: 0,
  isAskedRecently: false,
  thread: { channel: 'generic', lastInboundAt: now, unreachableSince: null },
  marketingSentAt: [],
  place: { country: null, zones: ['UTC'], basis: 'UTC' },
  text: 'Hello',
};
const verdictOf = (changes: Partial<GateFacts>) => decide({ ...facts, ...changes }).verdict;
const thread = (channel: string, hoursAgo: number) => ({
  channel,
  lastInboundAt: new Date(now.getTime() - hoursAgo * 3_600_000),
  unreachableSince: null,
});

test('what passes every check is sent', () => expect(verdictOf({})).toEqual({ kind: 'send' }));

test.each<[string, Partial<GateFacts>]>([
  ['ERASED', { isErased: true, consent: 'withdrawn' }],
  ['CANCELLED', { isCancelled: true }],
  ['ALREADY_DECIDED', { isAlreadyDecided: true }],
  ['GOAL_MET', { isGoalMet: true }],
  ['HOLD_OUT', { arm: 'hold-out' }],
  ['OBJECTED', { consent: 'withdrawn' }],
  ['NO_CONSENT', { consent: 'unknown' }],
  ['ADDRESS_SUPPRESSED', { isSuppressed: true }],
  ['NO_THREAD', { thread: null }],
  ['UNREACHABLE', { thread: { ...thread('generic', 1), unreachableSince: now } }],
  ['POLICY', { thread: thread('shopee', 1) }],
  ['POLICY', { thread: thread('amazon', 1), purpose: 'service' }],
  ['POLICY', { thread: thread('a-channel-of-tomorrow', 1), purpose: 'service' }],
  ['WINDOW_CLOSED', { thread: thread('whatsapp', 25), purpose: 'service' }],
  ['CAP', { marketingSentAt: [new Date(now.getTime() - 47 * 3_600_000)] }],
  ['CAP', { marketingSentAt: [60, 100].map((hours) => new Date(now.getTime() - hours * 3_600_000)) }],
  ['NO_TEXT', { text: null }],
  ['TOO_LATE', { notAfter: new Date(now.getTime() - 1) }],
])('%s is the reason', (reason, changes) => expect(verdictOf(changes)).toEqual({ kind: 'suppress', reason }));

test('a service message needs no consent and knows no cap and no quiet hours', () => {
  const night = new Date('2026-03-04T23:00:00.000Z');
  const marketingSentAt = [now, now];
  expect(verdictOf({ purpose: 'service', consent: 'unknown', now: night, marketingSentAt })).toEqual({ kind: 'send' });
});

test('marketing waits for the morning, and is too late if that is', () => {
  const night = new Date('2026-03-04T23:00:00.000Z');
  const until = new Date('2026-03-05T09:00:00.000Z');
  expect(verdictOf({ now: night })).toEqual({ kind: 'wait', until, reason: 'QUIET_HOURS' });
  expect(verdictOf({ now: night, notAfter: night })).toEqual({ kind: 'suppress', reason: 'TOO_LATE' });
});

test('what is paused waits until somebody lets it go on', () =>
  expect(verdictOf({ isPaused: true, isAlreadyDecided: true })).toEqual({
    kind: 'wait',
    until: null,
    reason: 'PAUSED',
  }));

test('the next allowed time is within the hours by the clocks of the zone, also when they are put forward', () => {
  const zones = fc.constantFrom('America/New_York', 'Europe/Berlin', 'Asia/Kolkata', 'Pacific/Apia');
  fc.assert(
    fc.property(
      fc.date({ min: new Date('2026-01-01'), max: new Date('2026-12-31'), noInvalidDate: true }),
      zones,
      (at, zone) => {
        const next = nextAllowedAt(at, { country: null, zones: [zone] });
        const format = new Intl.DateTimeFormat('en', { timeZone: zone, hour: 'numeric', hourCycle: 'h23' });
        const hour = Number(format.format(next));
        expect(hour >= 9 && hour < 20).toBe(true);
        expect(next.getTime() - at.getTime()).toBeLessThan(14 * 3_600_000 + 1);
        expect(nextAllowedAt(next, { country: null, zones: [zone] })).toEqual(next);
      },
    ),
  );
});

test('the arm of a person is always the same, and the share holds out', () => {
  const arms = Array.from({ length: 4_000 }, (_, n) => armOf('campaign', String(n), 500));
  expect(arms).toEqual(Array.from({ length: 4_000 }, (_, n) => armOf('campaign', String(n), 500)));
  const held = arms.filter((arm) => arm === 'hold-out').length;
  expect(held).toBeGreaterThan(130);
  expect(held).toBeLessThan(280);
  expect(armOf('campaign', 'anyone', 0)).toBe('message');
});

test.each(['US', 'RU', 'BR', 'AU', 'CA', 'ID', 'NZ', 'CL'])('the hours fit all zones of %s', (region) => {
  const place = placeOf({ region, phone: '+5511987654321', zone: 'UTC' });
  expect(place.country).toBe(region);
  fc.assert(
    fc.property(fc.date({ min: new Date('2026-01-01'), max: new Date('2027-12-31'), noInvalidDate: true }), (at) => {
      const next = nextAllowedAt(at, place);
      for (const timeZone of place.zones) {
        const format = new Intl.DateTimeFormat('en', { timeZone, hour: 'numeric', hourCycle: 'h23' });
        const hour = Number(format.format(next));
        expect(hour >= 9 && hour < 20).toBe(true);
      }
      expect(next.getTime() - at.getTime()).toBeLessThan(25 * 3_600_000);
    }),
    { numRuns: 50 },
  );
});

test('a number says the country, several if the code has several; without any it is the zone of the planner', () => {
  expect(placeOf({ region: null, phone: '+4915112345678', zone: 'UTC' })).toMatchObject({ country: 'DE' });
  expect(placeOf({ region: null, phone: '+12025550123', zone: 'UTC' }).zones).toContain('America/St_Johns');
  expect(placeOf({ region: 'XX', phone: null, zone: 'Asia/Tokyo' }).zones).toEqual(['Asia/Tokyo']);
});

test.each([
  ['a Sunday', '2026-03-08T12:00:00.000Z', '2026-03-09T08:00:00.000Z'],
  ['Saturday evening', '2026-03-07T20:00:00.000Z', '2026-03-09T08:00:00.000Z'],
  ['Easter Monday', '2026-04-06T10:00:00.000Z', '2026-04-07T07:00:00.000Z'],
  ['Ascension', '2026-05-14T10:00:00.000Z', '2026-05-15T07:00:00.000Z'],
  ['Whit Monday', '2027-05-17T10:00:00.000Z', '2027-05-18T07:00:00.000Z'],
  ['14 July', '2026-07-14T10:00:00.000Z', '2026-07-15T07:00:00.000Z'],
])('no marketing in France on %s', (_, at, next) => {
  const france = placeOf({ region: 'FR', phone: null, zone: 'UTC' });
  expect(nextAllowedAt(new Date(at), france)).toEqual(new Date(next));
  expect(nextAllowedAt(new Date(at), { ...france, country: 'DE' })).not.toEqual(new Date(next));
});
