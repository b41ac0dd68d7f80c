import { describe, expect, test } from '@jest/globals';
import { type ConversationId, type MessageId, newId } from '@crossdesk/contracts';
import { decideEcho, isSameWords, type OpenReply } from './echo.domain.ts';

const conversationId = newId<ConversationId>();
const at = new Date('2026-03-01T10:00:00Z');
const minutesLater = (minutes: number) => new Date(at.getTime() + minutes * 60_000);
const message = { conversationId, externalMessageId: 'e-1', fingerprint: 'words', occurredAt: at };

function aReply(overrides: Partial<OpenReply>): OpenReply {
  return {
    messageId: newId<MessageId>(),
    conversationId,
    status: 'unknown',
    fingerprint: 'words',
    externalMessageId: null,
    attemptedAt: at,
    ...overrides,
  };
}

describe('a message of the seller’s side', () => {
  test('is the echo of the reply with its id, whatever the text', () => {
    const reply = aReply({ status: 'sent', externalMessageId: 'e-1', fingerprint: 'other' });
    expect(decideEcho(message, [aReply({}), reply])).toEqual({ kind: 'echo', reply });
  });

  test.each(['unknown', 'sent', 'delivered'])(
    'settles a reply with the same text that is %s and has no id',
    (status) => {
      const reply = aReply({ status });
      expect(decideEcho(message, [reply])).toEqual({ kind: 'settles', reply });
    },
  );

  test('is held while a reply is being sent, with the same text or not', () => {
    expect(decideEcho(message, [aReply({ status: 'sending' })])).toEqual({ kind: 'hold' });
    expect(decideEcho(message, [aReply({ status: 'sending', fingerprint: 'other' })])).toEqual({ kind: 'hold' });
  });

  test.each([
    ['says something else', { fingerprint: 'other' }],
    ['belongs to another conversation', { conversationId: newId<ConversationId>() }],
    ['has another id already', { externalMessageId: 'e-2' }],
    ['was never attempted', { attemptedAt: null }],
  ])('counts as written elsewhere when the reply %s', (_why, overrides) => {
    expect(decideEcho(message, [aReply(overrides)])).toEqual({ kind: 'elsewhere' });
  });
});

test('clocks may differ by at most two minutes', () => {
  const reply = { fingerprint: 'words', attemptedAt: minutesLater(2) };
  expect(isSameWords(message, reply)).toBe(true);
  expect(isSameWords(message, { ...reply, attemptedAt: new Date(minutesLater(2).getTime() + 1) })).toBe(false);
});
