import { expect, test } from '@jest/globals';
import { type ConversationId, type MessageId, newId, type TenantId } from '@crossdesk/contracts';
import fc from 'fast-check';
import { applyChange, latestContent, shownLine, shownReactions, type ToldChange } from './message-change.domain.ts';
import { type Message, unchanged } from './message.domain.ts';

const minute = (n: number) => new Date(Date.UTC(2026, 0, 2, 3, n));
const text = (words: string) => ({ kind: 'text', text: words }) as const;

const written: Message = {
  tenantId: newId<TenantId>(),
  id: newId<MessageId>(),
  segmentId: null,
  regroupingId: null,
  conversationId: newId<ConversationId>(),
  direction: 'inbound',
  author: 'buyer',
  agentId: null,
  content: text('first'),
  ...unchanged,
  externalId: 'M-1',
  replyToExternalId: null,
  position: '0',
  delivery: null,
  occurredAt: minute(0),
  claimedAt: null,
  receivedAt: minute(0),
  recordedAt: minute(0),
  clientMutationId: null,
};

const reacted = (by: ToldChange['by'], emoji: string | null, at: number): ToldChange => ({
  by,
  change: { kind: 'reacted', emoji },
  at: minute(at),
});
const edited = (words: string, at: number): ToldChange => ({
  by: 'buyer',
  change: { kind: 'edited', content: text(words) },
  at: minute(at),
});
const deleted = (at: number): ToldChange => ({ by: 'buyer', change: { kind: 'deleted' }, at: minute(at) });

const after = (changes: readonly ToldChange[]) => changes.reduce(applyChange, written);

function seen(message: Message) {
  return {
    content: latestContent(message),
    reactions: shownReactions(message)
      .map(({ by, emoji }) => `${by} ${emoji}`)
      .toSorted(),
    edits: message.edits.map(({ content }) => content),
    deletedAt: message.deletedAt,
  };
}

test('each side has one reaction, and a removed one is gone', () => {
  const changes = [reacted('buyer', '👍', 1), reacted('seller', '👀', 2), reacted('buyer', '❤️', 3)];
  expect(seen(after(changes)).reactions).toEqual(['buyer ❤️', 'seller 👀']);
  expect(seen(after([...changes, reacted('buyer', null, 4)])).reactions).toEqual(['seller 👀']);
});

test('of two reactions at one time the later to arrive is valid, and a repeated one changes nothing', () => {
  const once = after([reacted('buyer', '👍', 1), reacted('buyer', null, 1)]);
  expect(seen(once).reactions).toEqual([]);
  expect(applyChange(once, reacted('buyer', null, 1))).toBe(once);
  expect(applyChange(once, reacted('buyer', '👍', 0))).toBe(once);
});

test('an edit keeps the first words and every version', () => {
  const message = after([edited('second', 1), edited('third', 2)]);
  expect(message.content).toEqual(text('first'));
  expect(seen(message)).toMatchObject({ content: text('third'), edits: [text('second'), text('third')] });
});

test('in every order of arrival the message ends the same', () => {
  const changes = [
    reacted('buyer', '👍', 1),
    edited('second', 2),
    reacted('seller', '👀', 3),
    edited('third', 4),
    reacted('buyer', null, 5),
    deleted(6),
    deleted(7),
  ];
  const expected = seen(after(changes));
  expect(expected).toMatchObject({ content: text('third'), reactions: ['seller 👀'], deletedAt: minute(6) });
  fc.assert(
    fc.property(fc.shuffledSubarray(changes, { minLength: changes.length }), (shuffled) => {
      expect(seen(after(shuffled))).toEqual(expected);
    }),
  );
});

test('lists show the latest words of a message, and nothing of a deleted one', () => {
  const after = applyChange(written, edited('second', 1));
  expect(shownLine(after)).toBe('second');
  expect(shownLine(applyChange(after, deleted(2)))).toBe('[deleted]');
});
