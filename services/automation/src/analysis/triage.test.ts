import { expect, test } from '@jest/globals';
import { type MessageId, newId } from '@crossdesk/contracts';
import { isNews, type Triage, triageAfter } from './triage.domain.ts';
import { understand } from './understand.ts';

const dayMs = 86_400_000;

function after(before: Triage | null, text: string, at = 0, messageId = newId<MessageId>()): Triage {
  return triageAfter(before, { messageId, at, understanding: understand(text, null), mood: 'calm' });
}

test('S4-2.3 S2-6.1: a threat raises the priority, and the parts say why', () => {
  const quiet = after(null, 'where is my order');
  const threat = after(quiet, 'refund me or I will open a dispute with paypal, chargeback!');
  expect(threat.priority).toBeGreaterThanOrEqual(quiet.priority + 30);
  expect(threat.parts[0]).toMatchObject({ reason: 'risk' });
  expect(threat.parts.reduce((sum, { points }) => sum + points, 0)).toBe(threat.priority);
  expect(isNews(quiet, threat)).toBe(true);
});

test('S4-2.3: small talk changes neither the enquiry nor the risks; after two weeks a risk is forgotten', () => {
  const messageId = newId<MessageId>();
  const asked = after(null, 'please cancel my order or I will call my lawyer', 0, messageId);
  expect(asked).toMatchObject({ enquiryType: 'cancel_order', risks: [{ class: 'legal_threat', messageId }] });
  const thanked = after(asked, 'thank you', dayMs);
  expect(thanked).toMatchObject({ enquiryType: 'cancel_order', risks: asked.risks });
  expect(after(thanked, 'thanks', 15 * dayMs).risks).toEqual([]);
});

test('the same message analysed again replaces its risks', () => {
  const messageId = newId<MessageId>();
  const first = after(null, 'this is a scam', 0, messageId);
  expect(first.risks).toHaveLength(1);
  expect(after(first, 'this is a lamp', 0, messageId).risks).toEqual([]);
});
