import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decideWait, type Sending, sendingOf, type SendPause } from './sending.domain.ts';

const now = new Date('2026-03-01T12:00:00.000Z');
const hours = (count: number) => new Date(now.getTime() + count * 3_600_000);
const connected = { status: 'connected', status_reason: null, loss: null } as const;
const holiday: SendPause = { reason: 'holiday', detail: null, until: hours(5) };
const banned: SendPause = { reason: 'banned', detail: 'shop_banned', until: hours(0.5) };

test('replies go out unless the account lost its authorisation, was stopped, or has a pause that lasts', () => {
  expect(sendingOf(connected, [], now)).toEqual({ state: 'open' });
  expect(sendingOf(connected, [{ ...holiday, until: now }], now)).toEqual({ state: 'open' });
  expect(sendingOf(connected, [banned, holiday], now)).toMatchObject({ state: 'paused', reason: 'holiday' });
  expect(sendingOf({ ...connected, status: 'disabled' }, [holiday], now).state).toBe('stopped');
  const lost = { status: 'reauthorise', status_reason: 'no', loss: null } as const;
  expect(sendingOf(lost, [holiday], now)).toEqual({ state: 'paused', reason: 'refused', detail: 'no', until: null });
});

const paused = (reason: Extract<Sending, { state: 'paused' }>['reason'], until: Date | null) =>
  ({ state: 'paused', reason, detail: null, until }) as const;
const limits = { now, waitMsMax: 72 * 3_600_000 };

test.each([
  ['an expired authorisation', paused('expired', null), 'REAUTHORISE'],
  ['a suspended store', paused('banned', hours(0.5)), 'ACCOUNT_DISABLED'],
])('a reply waits for %s up to the limit, then fails with the reason', (_what, pause, failure) => {
  const reply = { requestedAt: hours(-71), windowClosesAt: null };
  expect(decideWait(pause, reply, limits)).toMatchObject({ status: 'queued', isUntried: true });
  expect(decideWait(pause, { ...reply, requestedAt: hours(-72) }, limits)).toMatchObject({ status: 'failed', failure });
  expect(decideWait(pause, { ...reply, windowClosesAt: now }, limits)).toMatchObject({ failure: 'WINDOW_CLOSED' });
});

test('a waiting reply is looked at again before anything that ends its waiting is over, and a holiday has no limit', () => {
  const offset = fc.integer({ min: 1, max: 500 });
  fc.assert(
    fc.property(offset, fc.option(offset), offset, (untilHours, windowHours, agoHours) => {
      const windowClosesAt = windowHours === null ? null : hours(windowHours);
      const until = hours(untilHours);
      const reply = { requestedAt: hours(-agoHours), windowClosesAt };
      const outcome = decideWait(paused('holiday', until), reply, limits);
      expect(outcome.status).toBe('queued');
      const lookedAt = now.getTime() + (outcome.dueInMs ?? 0);
      expect(lookedAt).toBeGreaterThan(now.getTime());
      for (const end of [until, windowClosesAt]) expect(lookedAt).toBeLessThanOrEqual(end?.getTime() ?? Infinity);
    }),
  );
});
