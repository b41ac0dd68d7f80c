import { expect, test } from '@jest/globals';
import { type AgentId, newId, type MessageId } from '@crossdesk/contracts';
import fc from 'fast-check';
import { addMessage, type Conversation } from '../conversation/conversation.domain.ts';
import { isMarked, joinedMarks, marksAfterClose, noMarks } from '../conversation/marks.domain.ts';
import { afterComplaint, afterRisks, judgeMark } from './mark.domain.ts';

const now = new Date(Date.UTC(2026, 0, 2, 3, 4));
const by = newId<AgentId>();
const open = { state: 'unread', phase: 'open', version: 3, revision: 3, marks: noMarks } as Conversation;
const change = { by, expectedVersion: null, now };

const complain = (conversation: Conversation, score: number, isAgain = false, messageId = newId<MessageId>()) =>
  afterComplaint(conversation, { messageId, score, isAgain, at: now });
const threat = (score: number, messageId = newId<MessageId>(), name: 'chargeback' | 'anger' = 'chargeback') => ({
  risks: [{ class: name, score, messageId }],
});

function judged(conversation: Conversation, kind: 'complaint' | 'risk', verdict: 'confirmed' | 'dismissed' | null) {
  const decided = judgeMark(conversation, { kind, verdict }, change);
  if (!decided.ok) throw new Error(decided.errors[0]?.message);
  return decided.value;
}

test('a complaint begins with one clear message and ends with two calm ones in a row, not with one', () => {
  const marked = complain(open, 0.8);
  expect(isMarked(marked, 'complaint')).toBe(true);
  expect(complain(open, 0.5)).toBe(open);
  const once = complain(marked, 0.1);
  expect(isMarked(once, 'complaint')).toBe(true);
  expect(isMarked(complain(complain(once, 0.5), 0.1), 'complaint')).toBe(true);
  expect(complain(once, 0.1).marks.complaint).toBeNull();
});

test('the same message understood in another way takes its complaint back; it does not count as a calm one', () => {
  const messageId = newId<MessageId>();
  const marked = complain(open, 0.8, false, messageId);
  expect(complain(complain(marked, 0.1, true), 0.1, true)).toBe(marked);
  expect(complain(marked, 0.1, true, messageId).marks.complaint).toBeNull();
});

test('whoever dismisses a mark is not asked again for the same messages, but for a later one', () => {
  const first = newId<MessageId>();
  const dismissed = judged(complain(open, 0.8, false, first), 'complaint', 'dismissed');
  expect(isMarked(dismissed, 'complaint')).toBe(false);
  expect(isMarked(complain(dismissed, 0.9, true, first), 'complaint')).toBe(false);
  expect(isMarked(complain(dismissed, 0.9), 'complaint')).toBe(true);
  const seen = newId<MessageId>();
  const harmless = judged(afterRisks(open, threat(0.7, seen), now), 'risk', 'dismissed');
  expect(isMarked(afterRisks(harmless, threat(0.7, seen), now), 'risk')).toBe(false);
  expect(isMarked(afterRisks(harmless, threat(0.7), now), 'risk')).toBe(true);
});

test('nobody marks what automation does not find; a confirmed mark outlives it', () => {
  expect(judgeMark(open, { kind: 'risk', verdict: 'confirmed' }, change)).toMatchObject({
    ok: false,
    errors: [{ code: 'ILLEGAL_TRANSITION' }],
  });
  const confirmed = judged(complain(open, 0.8), 'complaint', 'confirmed');
  const calm = complain(complain(confirmed, 0), 0);
  expect(calm.marks.complaint).toMatchObject({ derived: { isOn: false }, word: { verdict: 'confirmed', by } });
  expect(isMarked({ ...calm, state: 'handled' }, 'complaint')).toBe(true);
  expect(judged(calm, 'complaint', null).marks.complaint).toBeNull();
});

test('an answered complaint does not stand, an answered risk does; anger alone is none; closing ends both for good', () => {
  const messageId = newId<MessageId>();
  const both = afterRisks(complain(open, 0.8), threat(0.9, messageId), now);
  const answered = { ...both, state: 'handled' } as const;
  expect([isMarked(answered, 'complaint'), isMarked(answered, 'risk')]).toEqual([false, true]);
  expect(afterRisks(open, threat(0.9, newId(), 'anger'), now)).toBe(open);
  const reopened: Conversation = { ...both, marks: marksAfterClose(both.marks) };
  expect([isMarked(reopened, 'complaint'), isMarked(reopened, 'risk')]).toEqual([false, false]);
  // Automation remembers a risk for two weeks: what was closed stays closed.
  expect(isMarked(afterRisks(reopened, threat(0.9, messageId), now), 'risk')).toBe(false);
  expect(isMarked(afterRisks(reopened, threat(0.9), now), 'risk')).toBe(true);
});

test('a score that goes up and down between the two thresholds never makes a mark flicker', () => {
  const between = fc.array(fc.double({ min: 0.4, max: 0.59, noNaN: true }), { maxLength: 20 });
  fc.assert(
    fc.property(between, fc.boolean(), (scores, isMarkedBefore) => {
      const start = isMarkedBefore ? afterRisks(complain(open, 0.8), threat(0.8), now) : open;
      const end = scores.reduce((one, score) => afterRisks(complain(one, score), threat(score), now), start);
      expect([isMarked(end, 'complaint'), isMarked(end, 'risk')]).toEqual([isMarkedBefore, isMarkedBefore]);
    }),
  );
});

test('of two conversations that become one, the word of a person is kept', () => {
  const found = complain(open, 0.8).marks;
  const dismissed = judged(complain(open, 0.9), 'complaint', 'dismissed').marks;
  expect(joinedMarks(dismissed, found).complaint?.word?.verdict).toBe('dismissed');
  expect(joinedMarks(found, noMarks).complaint).toBe(found.complaint);
});

test('a complaint of an answered conversation goes with the next message, unless that message is the complaint', () => {
  const messageId = newId<MessageId>();
  const answered: Conversation = { ...complain(open, 0.8, false, messageId), state: 'handled' };
  const says = (id: MessageId) => {
    const message = { id, direction: 'inbound', author: 'buyer', occurredAt: now, text: 'Hello' } as const;
    return addMessage({ ...answered, lastMessageAt: now, lastInboundAt: null, waitingSince: null }, message).marks;
  };
  // Automation may have analysed it before it came here.
  expect(says(messageId).complaint?.derived.isOn).toBe(true);
  expect(says(newId()).complaint).toBeNull();
});
