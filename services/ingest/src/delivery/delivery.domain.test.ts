import { describe, expect, test } from '@jest/globals';
import {
  decideSettlement,
  type IntentStatus,
  isNews,
  notExecuted,
  outcomeOfRetry,
  outcomeOfSend,
  retryPause,
} from './delivery.domain.ts';

const news: Readonly<Record<IntentStatus, readonly IntentStatus[]>> = {
  queued: ['sending', 'unknown', 'failed', 'sent', 'delivered', 'read'],
  sending: ['queued', 'unknown', 'failed', 'sent', 'delivered', 'read'],
  unknown: ['queued', 'failed', 'sent', 'delivered', 'read'],
  failed: ['sent', 'delivered', 'read'],
  sent: ['failed', 'delivered', 'read'],
  delivered: ['read'],
  read: [],
};

test.each(Object.entries(news))('after %s only later states are news', (current, expected) => {
  const told = (Object.keys(news) as IntentStatus[]).filter((reported) => isNews(current as IntentStatus, reported));
  expect(told.sort()).toEqual([...expected].sort());
});

test('pauses grow, are at least as long as the platform asks, and end', () => {
  expect([1, 2, 3, 4, 5, 6, 7].map((tries) => retryPause(tries, 0))).toEqual([
    5_000, 30_000, 120_000, 600_000, 3_600_000, 3_600_000, 3_600_000,
  ]);
  expect(retryPause(1, 9_000)).toBe(9_000);
  expect(retryPause(8, 0)).toBeNull();
});

test('a limit of the account does not count as a try of the reply', () => {
  const limited = { status: 'limited', afterMs: 1_000, detail: 'too many' } as const;
  expect(outcomeOfSend(limited, 8, 0)).toEqual({ status: 'queued', isUntried: true, detail: 'too many' });
  expect(outcomeOfSend({ ...limited, status: 'retry' }, 8, 0).failure).toBe('GIVEN_UP');
});

describe('a reply whose first attempt got no answer', () => {
  const doubted = {
    status: 'sending',
    attempts: 8,
    failure: null,
    detail: null,
    externalMessageId: null,
    needsPerson: false,
    isPlaced: false,
    isDoubted: true,
  } as const;
  const givenUp = { ...outcomeOfRetry(8, 0, 'too many requests'), attempt: 8 };

  test('is left to a person, and does not fail, when later attempts are given up', () => {
    expect(givenUp.status).toBe('failed');
    expect(decideSettlement(doubted, givenUp)).toMatchObject({
      after: { status: 'unknown', needsPerson: true, failure: null },
      told: { status: 'unknown', detail: expect.stringContaining('too many requests') },
    });
  });

  test('fails like any other once it was found missing at the platform', () => {
    const refuted = decideSettlement({ ...doubted, status: 'unknown' }, { ...notExecuted, attempt: 8 });
    expect(refuted?.after).toMatchObject({ status: 'queued', isDoubted: false });
    const known = { ...doubted, isDoubted: refuted?.after.isDoubted ?? true };
    expect(decideSettlement(known, givenUp)?.after).toMatchObject({ status: 'failed', failure: 'GIVEN_UP' });
  });

  test.each(['sent', 'delivered', 'read'] as const)('is never in doubt again once it is known to be %s', (status) => {
    expect(decideSettlement({ ...doubted, status }, givenUp)).toBeNull();
  });

  test('fails when the platform itself or a person says so', () => {
    expect(decideSettlement(doubted, { status: 'failed', failure: 'GIVEN_UP' })?.after.status).toBe('failed');
  });
});
