import type { MessageChange } from '@crossdesk/contracts';
import { type NormalisedChange, UnparsableDelivery } from '../port/index.ts';
import { field, integer, text } from '../shared/platform-json.ts';
import { contentOf, partId, sideOf } from './generic.message.ts';
import { required } from './generic.read.ts';

const emojiCharactersMax = 64;

/** Reads the `data` of `message.reacted`, `message.edited` and `message.deleted`; null for another type. */
export function changeOf(type: string, data: unknown, occurredAt: Date): NormalisedChange | null {
  const change = whatChanged(type, data);
  if (change === null) return null;
  const { isFromBuyer, buyer } = sideOf(data);
  return {
    externalThreadId: required(text(field(data, 'conversationKey')), 'data.conversationKey'),
    externalMessageId: partId(required(text(field(data, 'externalId')), 'data.externalId'), partOf(data)),
    by: isFromBuyer ? 'buyer' : 'seller',
    buyer,
    change,
    occurredAt,
  };
}

/** Which attachment changed: the number, because an id that ends with `#2` may be the id of a whole message. */
function partOf(data: unknown): number {
  const given = field(data, 'attachment') ?? 1;
  const part = integer(given);
  if (part === null || part < 1) throw new UnparsableDelivery('data.attachment is not a number from 1');
  return part;
}

function whatChanged(type: string, data: unknown): MessageChange | null {
  switch (type) {
    case 'message.reacted':
      return { kind: 'reacted', emoji: text(field(data, 'emoji'))?.slice(0, emojiCharactersMax) ?? null };
    case 'message.edited':
      return { kind: 'edited', content: contentOf(data) };
    case 'message.deleted':
      return { kind: 'deleted' };
    default:
      return null;
  }
}
