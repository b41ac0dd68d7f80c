import type { ArticleId, EventData } from '@crossdesk/contracts';
import { type Static, Type } from '@sinclair/typebox';

export type DraftState = 'writing' | 'written' | 'doubtful' | 'refused' | 'failed';

/** What a person may have to do besides sending a reply: shown to them, and never carried out by anything. */
const draftAction = Type.Union([
  Type.Literal('NONE'),
  Type.Literal('CALL_COLLEAGUE'),
  Type.Literal('REFUND'),
  Type.Literal('REPLACE'),
  Type.Literal('CANCEL_ORDER'),
  Type.Literal('CHANGE_ADDRESS'),
  Type.Literal('GIVE_DISCOUNT'),
]);
export type DraftAction = Static<typeof draftAction>;

/** The answer that the model is held to. */
export const draftShape = Type.Object(
  { text: Type.String(), citations: Type.Array(Type.Integer()), action: draftAction },
  { additionalProperties: false },
);
export type WrittenDraft = Static<typeof draftShape>;

/** A text of the shop that a draft may rely on. */
export interface Passage extends Citation {
  readonly text: string;
}

export interface Citation {
  readonly articleId: ArticleId;
  readonly version: number;
  readonly title: string;
}

/** A message of the conversation. */
export interface SaidMessage {
  readonly author: EventData<'conversation.message-added'>['author'];
  readonly text: string;
}

/** Everything that a draft may rely on. */
export interface DraftSources {
  readonly instruction: string | null;
  /** The earliest first. */
  readonly messages: readonly SaidMessage[];
  /** What is known of the order, by name. */
  readonly order: ReadonlyMap<string, string>;
  readonly passages: readonly Passage[];
  readonly now: Date;
}

const messageCharactersMax = 2_000;
const conversationCharactersMax = 12_000;

/** The last messages that fit, each cut where it gets long. */
export function shortened<Message extends SaidMessage>(messages: readonly Message[]): Message[] {
  let left = conversationCharactersMax;
  const kept: Message[] = [];
  for (const message of messages.toReversed()) {
    const text = message.text.slice(0, messageCharactersMax);
    left -= text.length;
    if (left < 0 && kept.length > 0) break;
    kept.push({ ...message, text });
  }
  return kept.toReversed();
}

/** The two messages that the model gets: what the person wants, and what is known. */
export function dataOf({ instruction, messages, order, passages, now }: DraftSources): readonly [object, object] {
  return [
    { task: { instruction } },
    {
      conversation: messages.map(({ author, text }) => ({ from: sideOf(author), text })),
      order: Object.fromEntries(order),
      articles: passages.map(({ title, text }, index) => ({ number: index + 1, title, text })),
      today: now.toISOString().slice(0, 10),
    },
  ];
}

export function sideOf(author: SaidMessage['author']): 'buyer' | 'shop' {
  return author === 'buyer' ? 'buyer' : 'shop';
}

/** The articles that a draft relies on; numbers of articles that it was not given are left out. */
export function citationsOf({ citations }: WrittenDraft, passages: readonly Passage[]): Passage[] {
  return passages.filter((_passage, index) => citations.includes(index + 1));
}
