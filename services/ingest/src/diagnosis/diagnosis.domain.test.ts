import { expect, test } from '@jest/globals';
import { diagnose, type Facts } from './diagnosis.domain.ts';

const now = new Date('2026-03-01T12:00:00.000Z');
const before = (minutes: number) => new Date(now.getTime() - minutes * 60_000);
const cursor: Facts['cursors'][number] = {
  kind: 'messages',
  next_due_at: before(-5),
  last_error: null,
  missed_count: '0',
  last_missed_at: null,
};
const healthy: Facts = {
  now,
  status: 'connected',
  statusReason: null,
  probe: { result: 'answered', unseen: 0 },
  clockAheadMs: 300,
  refusal: null,
  cursors: [cursor],
  lastWebhookAt: before(3),
  hasMessages: true,
  sendsWaitUntil: null,
};

const failed = (reason: 'unreachable' | 'unauthorised' | 'rate-limited' | 'unavailable' | 'permanent') =>
  ({ probe: { result: 'failed', reason, detail: 'no' } }) as const;
const refused = (reason: 'BAD_SIGNATURE' | 'STALE_TIMESTAMP') => ({ refusal: { reason, refused_at: before(1) } });

test.each<[string, Partial<Facts>, string[]]>([
  ['nothing', {}, []],
  ['a stopped account', { status: 'disabled', probe: { result: 'not-made' } }, ['account-paused']],
  ['a lost authorisation', { status: 'reauthorise', probe: { result: 'not-made' } }, ['authorisation-lost']],
  ['a refused token', failed('unauthorised'), ['authorisation-lost']],
  ['no answer', failed('unreachable'), ['platform-unreachable']],
  ['an error of the platform', failed('unavailable'), ['platform-error']],
  ['a call that is not allowed', failed('permanent'), ['platform-refuses']],
  ['a limit', failed('rate-limited'), ['quota-exhausted']],
  ['replies that wait for a limit', { sendsWaitUntil: before(-10) }, ['quota-exhausted']],
  ['a wrong signature', refused('BAD_SIGNATURE'), ['wrong-secret']],
  ['a wrong time of the sender', refused('STALE_TIMESTAMP'), ['clock-off']],
  ['a wrong clock of ours', { clockAheadMs: -200_000 }, ['clock-off']],
  ['a list that is ahead of the pushes', { probe: { result: 'answered', unseen: 2 } }, ['push-broken']],
  [
    'messages that only the list brought since the last push',
    { cursors: [{ ...cursor, missed_count: '3', last_missed_at: before(2) }] },
    ['push-broken'],
  ],
  ['a gap from before the last push', { cursors: [{ ...cursor, missed_count: '3', last_missed_at: before(4) }] }, []],
  ['a poll that is long due', { cursors: [{ ...cursor, next_due_at: before(20) }] }, ['polling-stalled']],
  ['no traffic at all', { lastWebhookAt: null, hasMessages: false }, ['no-traffic']],
  [
    'a cause and what follows from it, in this order',
    { ...failed('unreachable'), cursors: [{ ...cursor, next_due_at: before(20), last_error: 'no answer' }] },
    ['platform-unreachable', 'polling-stalled'],
  ],
])('finds %s', (_what, facts, causes) => {
  const findings = diagnose({ ...healthy, ...facts });
  expect(findings.map(({ cause }) => cause)).toEqual(causes);
  for (const { evidence, nextStep } of findings) expect([evidence, nextStep]).not.toContain('');
});
