import {
  type ChannelAccountId,
  type ConversationId,
  type EventData,
  type TenantId,
  wordsOf,
} from '@crossdesk/contracts';
import { asciiDigits } from './ascii-digits.domain.ts';

/** A reference is a name that the platform gave, a text is a word that somebody wrote. */
export type MentionKind = 'reference' | 'text' | 'buyer';

/** A key by which orders can be found: an order number, a tracking number or the id of the buyer. */
export interface Mention {
  readonly tenantId: TenantId;
  readonly conversationId: ConversationId;
  readonly accountId: ChannelAccountId;
  readonly kind: MentionKind;
  readonly token: string;
  readonly mentionedAt: Date;
}

/** Characters that nobody sees, such as joiners and marks of direction. */
const invisible = /\p{Default_Ignorable_Code_Point}/gu;

/** Order and tracking numbers of all platforms lie between these lengths. */
const tokenCharactersMin = 8;
const tokenCharactersMax = 30;
/** A message that names more is a list, which no link can be derived from. */
const tokensPerMessageMax = 20;

/** An order id as platforms refer to it: exact, in one spelling of the same characters. */
export function exactNumber(number: string): string {
  return asciiDigits(number.normalize('NFKC').replace(invisible, '')).trim();
}

/** An order or tracking number as people write it: case, spaces and punctuation make no difference. */
export function normalNumber(number: string): string {
  return exactNumber(number)
    .toUpperCase()
    .replace(/[^\p{L}\p{M}\p{N}]/gu, '');
}

/**
 * The words of a text that may be an order or tracking number. A number with dashes is returned both whole and in
 * parts.
 */
export function tokensIn(text: string): string[] {
  const plain = exactNumber(text).replace(/[\p{Pd}\u2212]/gu, '-');
  const runs = plain.toUpperCase().match(/[A-Z0-9]+(?:-[A-Z0-9]+)*/g) ?? [];
  const words = runs.flatMap((run) => (run.includes('-') ? [normalNumber(run), ...run.split('-')] : [run]));
  const fitting = words.filter(
    (word) => word.length >= tokenCharactersMin && word.length <= tokenCharactersMax && /\d/.test(word),
  );
  return [...new Set(fitting)].slice(0, tokensPerMessageMax);
}

/** The orders that a message names, by a reference of the platform or in its text. */
export function ordersNamedIn(data: EventData<'ingest.message-received'>): Pick<Mention, 'kind' | 'token'>[] {
  const { content, externalOrderIds } = data;
  const references = content.kind === 'order' ? [...externalOrderIds, content.externalOrderId] : externalOrderIds;
  return [
    ...references.map((number) => ({ kind: 'reference', token: exactNumber(number) }) as const),
    ...tokensIn(wordsOf(content) ?? '').map((token) => ({ kind: 'text', token }) as const),
  ];
}
