import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type AgentId, newId, type SessionId, type TenantId } from '@crossdesk/contracts';
import { deviceOf } from './device.ts';
import { isOpen, judgeRefresh, openedSession, renewed } from './session.domain.ts';

const dayMs = 24 * 3_600_000;
const start = new Date('2026-03-01T12:00:00.000Z');
const later = (ms: number) => new Date(start.getTime() + ms);
const client = { device: 'Firefox 140, Linux', network: '203.0.113.0/24' };
const who = { tenantId: newId<TenantId>(), id: newId<SessionId>(), agentId: newId<AgentId>() };

test('a session is open for seven days after its last renewal, and never longer than 30 days', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 8 * dayMs }), { maxLength: 12 }), (pauses) => {
      let session = openedSession(who, client, start);
      let at = 0;
      for (const pause of pauses) {
        const isExpected = pause < 7 * dayMs && at + pause < 30 * dayMs;
        at += pause;
        expect(isOpen(session, later(at))).toBe(isExpected);
        if (!isExpected) return;
        session = renewed(session, client, later(at));
      }
    }),
  );
});

test('a refresh token renews once, is repeated only while its successor is unused and for ten seconds, else it was copied', () => {
  const times = fc.integer({ min: 0, max: 60_000 });
  fc.assert(
    fc.property(times, fc.option(times, { nil: null }), fc.boolean(), (passedMs, nextSpentMs, hasNext) => {
      const next = hasNext ? { spentAt: nextSpentMs === null ? null : later(nextSpentMs) } : null;
      expect(judgeRefresh({ spentAt: null }, next, later(passedMs))).toBe('renew');
      const isLost = passedMs <= 10_000 && hasNext && nextSpentMs === null;
      expect(judgeRefresh({ spentAt: start }, next, later(passedMs))).toBe(isLost ? 'repeat' : 'copied');
    }),
  );
});

test.each([
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36',
    'Chrome 143, Windows',
  ],
  ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox 140, Linux'],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1',
    'Safari 18, iPhone',
  ],
  ['curl/8.5.0', 'curl/8.5.0'],
  ['crossdesk-mobile/2.1 (build 7)', 'crossdesk-mobile/2.1'],
  ['<script>alert(1)</script>', 'scriptalert1/script'],
  ['  ', ''],
])('%j is shown as %j', (userAgent, device) => {
  expect(deviceOf(userAgent)).toBe(device);
});

test('whatever a client calls itself, its device is short and has no markup', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (userAgent) => {
      const device = deviceOf(userAgent);
      expect(device.length).toBeLessThanOrEqual(80);
      expect(device).not.toMatch(/[<>&"'\p{Cc}\p{Cs}]/u);
    }),
  );
});
