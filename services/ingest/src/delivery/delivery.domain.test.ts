import { describe, expect, test } from '@jest/globals';
import { adapters } from '../channels/registry.ts';
import {
  decideSettlement,
  findImpediment,
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

test.each(Object.entries(news))('after %s only what adds to it is news', (current, expected) => {
  const told = (Object.keys(news) as IntentStatus[]).filter((reported) => isNews(current as IntentStatus, reported));
  expect(told.sort()).toEqual([...expected].sort());
});

describe('what stands in the way', () => {
  const { capabilities } = adapters.whatsapp;
  const now = new Date('2026-03-02T10:00:00Z');
  const open = { content: { kind: 'text', text: 'hi' }, lastInboundAt: now } as const;
  const hoursAgo = (hours: number) => new Date(now.getTime() - hours * 3_600_000);

  test('is nothing inside the window', () => {
    expect(
      findImpediment(capabilities, { status: 'connected' }, { ...open, lastInboundAt: hoursAgo(23.99) }, now),
    ).toBeNull();
  });

  test.each([hoursAgo(24), null])('is the window once the buyer is silent for longer (%p)', (lastInboundAt) => {
    expect(findImpediment(capabilities, { status: 'connected' }, { ...open, lastInboundAt }, now)?.failure).toBe(
      'WINDOW_CLOSED',
    );
  });

  test('is the disabled account before anything else', () => {
    expect(findImpediment(capabilities, { status: 'disabled' }, { ...open, lastInboundAt: null }, now)?.failure).toBe(
      'ACCOUNT_DISABLED',
    );
  });

  test('is the length in UTF-16 units, the strictest count', () => {
    const of = (characters: number) => ({
      ...open,
      content: { kind: 'text', text: '😀'.repeat(characters / 2) } as const,
    });
    const most = capabilities.textCharactersMax;
    expect(findImpediment(capabilities, { status: 'connected' }, of(most), now)).toBeNull();
    expect(findImpediment(capabilities, { status: 'connected' }, of(most + 2), now)?.failure).toBe('INVALID_REQUEST');
  });
});

test('pauses grow, respect what the platform asked for, and end', () => {
  expect([1, 2, 3, 4, 5, 6, 7].map((tries) => retryPause(tries, 0))).toEqual([
    5_000, 30_000, 120_000, 600_000, 3_600_000, 3_600_000, 3_600_000,
  ]);
  expect(retryPause(1, 9_000)).toBe(9_000);
  expect(retryPause(8, 0)).toBeNull();
});

test('a limit of the account is no try of the reply', () => {
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

  test('is left to a person, not failed, when later attempts are given up', () => {
    expect(givenUp.status).toBe('failed');
    expect(decideSettlement(doubted, givenUp)).toMatchObject({
      after: { status: 'unknown', needsPerson: true, failure: null },
      told: { status: 'unknown', detail: expect.stringContaining('too many requests') },
    });
  });

  test('fails like any other once the platform was seen not to have it', () => {
    const refuted = decideSettlement({ ...doubted, status: 'unknown' }, { ...notExecuted, attempt: 8 });
    expect(refuted?.after).toMatchObject({ status: 'queued', isDoubted: false });
    const known = { ...doubted, isDoubted: refuted?.after.isDoubted ?? true };
    expect(decideSettlement(known, givenUp)?.after).toMatchObject({ status: 'failed', failure: 'GIVEN_UP' });
  });

  test.each(['sent', 'delivered', 'read'] as const)('is not in doubt again once it is known to be %s', (status) => {
    expect(decideSettlement({ ...doubted, status }, givenUp)).toBeNull();
  });

  test('fails when the platform itself or a person says so', () => {
    expect(decideSettlement(doubted, { status: 'failed', failure: 'GIVEN_UP' })?.after.status).toBe('failed');
  });
});
