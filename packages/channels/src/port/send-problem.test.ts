import { expect, test } from '@jest/globals';
import { record } from '../whatsapp/whatsapp.record.ts';
import { findSendProblem, replyWindowClosesAt } from './send-problem.ts';

const { capabilities } = record;
const now = new Date('2026-03-02T10:00:00Z');
const open = { content: { kind: 'text', text: 'hi' }, lastInboundAt: now } as const;
const hoursAgo = (hours: number) => new Date(now.getTime() - hours * 3_600_000);

test('inside the window there is no problem', () => {
  expect(findSendProblem(capabilities, { ...open, lastInboundAt: hoursAgo(23.99) }, now)).toBeNull();
  expect(replyWindowClosesAt(capabilities, hoursAgo(23))).toEqual(new Date(now.getTime() + 3_600_000));
});

test.each([hoursAgo(24), null])(
  'the window is closed when the buyer has been silent for longer (%p)',
  (lastInboundAt) => {
    const problem = findSendProblem(capabilities, { ...open, lastInboundAt }, now);
    expect(problem).toMatchObject({ code: 'WINDOW_CLOSED', failure: 'WINDOW_CLOSED' });
  },
);

test('the length counts in UTF-16 units, the strictest count', () => {
  const of = (characters: number) => ({
    ...open,
    content: { kind: 'text', text: '😀'.repeat(characters / 2) } as const,
  });
  const most = capabilities.textCharactersMax;
  expect(findSendProblem(capabilities, of(most), now)).toBeNull();
  const problem = findSendProblem(capabilities, of(most + 2), now);
  expect(problem).toMatchObject({ code: 'TEXT_TOO_LONG', failure: 'INVALID_REQUEST' });
  expect(problem?.message).toContain(String(most + 2));
});

test('a kind that the channel cannot send is named, with the kinds it can send', () => {
  const order = { content: { kind: 'order', externalOrderId: '1' }, lastInboundAt: now } as const;
  const problem = findSendProblem(capabilities, order, now);
  expect(problem).toMatchObject({ code: 'KIND_NOT_SUPPORTED', failure: 'UNSUPPORTED' });
  expect(problem?.message).toBe('This channel cannot send order: send text, image, video, audio, file, sticker.');
});
