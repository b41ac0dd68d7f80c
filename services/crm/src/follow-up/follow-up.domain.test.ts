import { expect, test } from '@jest/globals';
import type { AgentId, CustomerId, FollowUpId, TenantId } from '@crossdesk/contracts';
import { newId } from '@crossdesk/contracts';
import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { complete, type FollowUp, snooze } from './follow-up.domain.ts';
import { checkRecurrence, nextAfter } from './recurrence.domain.ts';

const zones = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Shanghai', 'America/Sao_Paulo'];

function aFollowUp(over: Partial<FollowUp> = {}): FollowUp {
  const dueAt = new Date('2026-02-15T09:00:00.000Z');
  return {
    ...{ tenantId: newId<TenantId>(), id: newId<FollowUpId>(), profileId: newId<CustomerId>(), conversationId: null },
    ...{ ownerId: newId<AgentId>(), text: 'ask', dueAt, startsAt: dueAt, recurrence: null, occurrence: 1 },
    ...{ state: 'open', tellAt: dueAt, createdBy: null, createdAt: dueAt, closedAt: null, version: 1 },
    ...over,
  };
}

test('S1-3.4: what comes monthly at 10:00 comes at 10:00 for years, in every zone', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...zones),
      fc.date({ min: new Date('2024-01-01'), max: new Date('2028-01-01'), noInvalidDate: true }),
      fc.constantFrom('FREQ=MONTHLY', 'FREQ=MONTHLY;BYDAY=1MO', 'FREQ=WEEKLY;INTERVAL=2', 'FREQ=DAILY'),
      (zone, on, rule) => {
        const ofZone = (time: Date) => Temporal.Instant.fromEpochMilliseconds(time.getTime()).toZonedDateTimeISO(zone);
        const starts = ofZone(on).withPlainTime('10:00');
        let last = new Date(starts.epochMilliseconds);
        const startsAt = last;
        for (let i = 0; i < 14; i += 1) {
          const next = nextAfter({ rule, zone }, startsAt, last);
          if (next === null) throw new Error('it ended');
          expect(ofZone(next).toPlainTime().toString()).toBe('10:00:00');
          expect(next.getTime()).toBeGreaterThan(last.getTime());
          last = next;
        }
      },
    ),
    { numRuns: 40 },
  );
});

test.each([
  ['FREQ=HOURLY', 'Europe/Berlin'],
  ['FREQ=DAILY;INTERVAL=0', 'Europe/Berlin'],
  ['FREQ=MONTHLY;BYMONTHDAY=32', 'Europe/Berlin'],
  ['FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30', 'Europe/Berlin'],
  ['FREQ=DAILY;COUNT=3;UNTIL=20270101T000000Z', 'Europe/Berlin'],
  ['FREQ=DAILY;FREQ=DAILY', 'Europe/Berlin'],
  ['FREQ=DAILY;BYDAY=,MO', 'Europe/Berlin'],
  ['FREQ=DAILY;COUNT=1', 'Europe/Berlin'],
  ['INTERVAL=2', 'Europe/Berlin'],
  ['', 'Europe/Berlin'],
  ['FREQ=DAILY', 'Europe/Atlantis'],
])('the rule %p in %p is refused with what to do', (rule, zone) => {
  const checked = checkRecurrence({ rule, zone }, new Date('2026-01-01T10:00:00Z'));
  expect(checked).toMatchObject({ ok: false, errors: [{ code: 'INVALID_INPUT', path: ['input', 'recurrence'] }] });
});

test('a rule is kept in one spelling', () => {
  const checked = checkRecurrence({ rule: ' freq=weekly;byday=mo,we ', zone: 'europe/berlin' }, new Date('2026-01-01'));
  expect(checked).toEqual({ ok: true, value: { rule: 'FREQ=WEEKLY;BYDAY=MO,WE', zone: 'Europe/Berlin' } });
});

test('completed late, a recurring follow-up is not due for what was missed', () => {
  const recurrence = { rule: 'FREQ=MONTHLY;COUNT=6', zone: 'Europe/Berlin' };
  const due = aFollowUp({ recurrence });
  const now = new Date('2026-05-20T00:00:00.000Z');
  const next = complete(due, { expectedVersion: 1, now });
  expect(next).toMatchObject({
    ok: true,
    value: { state: 'open', occurrence: 2, dueAt: new Date('2026-06-15T08:00:00.000Z'), version: 2 },
  });
  if (!next.ok) return;
  const last = complete(next.value, { expectedVersion: 2, now: new Date('2026-06-16T00:00:00.000Z') });
  expect(last).toMatchObject({ ok: true, value: { state: 'open', dueAt: new Date('2026-07-15T08:00:00.000Z') } });
  if (!last.ok) return;
  const over = complete(last.value, { expectedVersion: 3, now: new Date('2026-07-15T09:00:00.000Z') });
  expect(over).toMatchObject({ ok: true, value: { state: 'done', tellAt: null } });
});

test('snoozed, it is due later once; the times after it stay', () => {
  const due = aFollowUp({ recurrence: { rule: 'FREQ=MONTHLY', zone: 'Europe/Berlin' } });
  const until = new Date('2026-02-20T12:34:00.000Z');
  const later = snooze(due, until, { expectedVersion: 1, now: new Date('2026-02-15T09:05:00.000Z') });
  expect(later).toMatchObject({ ok: true, value: { dueAt: until, tellAt: until } });
  if (!later.ok) return;
  const next = complete(later.value, { expectedVersion: 2, now: new Date('2026-02-20T13:00:00.000Z') });
  expect(next).toMatchObject({ ok: true, value: { dueAt: new Date('2026-03-15T09:00:00.000Z') } });
});
