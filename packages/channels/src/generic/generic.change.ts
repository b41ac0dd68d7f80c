import type { MessageChange } from '@crossdesk/contracts';
import { type Fact, UnparsableDelivery } from '../port/index.ts';
import { field, integer, text } from '../shared/platform-json.ts';
import { editFacts, partId, sideOf } from './generic.message.ts';
import { required } from './generic.read.ts';

const emojiCharactersMax = 64;

/** Reads the `data` of `message.reacted`, `message.edited` and `message.deleted`; null for another type. */
export function changeFacts(type: string, data: unknown, occurredAt: Date): readonly Fact[] | null {
  switch (type) {
    case 'message.reacted': {
      const emoji = text(field(data, 'emoji'))?.slice(0, emojiCharactersMax) ?? null;
      return [changeOf(data, occurredAt)({ kind: 'reacted', emoji })];
    }
    case 'message.edited': {
      const factOf = changeOf(data, occurredAt);
      return editFacts(data, (content) => factOf({ kind: 'edited', content }));
    }
    case 'message.deleted':
      return [changeOf(data, occurredAt)({ kind: 'deleted' })];
    default:
      return null;
  }
}

function changeOf(data: unknown, occurredAt: Date): (change: MessageChange) => Fact {
  const { isFromBuyer, buyer } = sideOf(data);
  const shared = {
    externalThreadId: required(text(field(data, 'conversationKey')), 'data.conversationKey'),
    externalMessageId: partId(required(text(field(data, 'externalId')), 'data.externalId'), partOf(data)),
    by: isFromBuyer ? 'buyer' : 'seller',
    buyer,
    occurredAt,
  } as const;
  return (change) => ({ type: 'change', change: { ...shared, change } });
}

/** Which attachment changed: the number, because an id that ends with `#2` may be the id of a whole message. */
function partOf(data: unknown): number {
  const given = field(data, 'attachment') ?? 1;
  const part = integer(given);
  if (part === null || part < 1) throw new UnparsableDelivery('data.attachment is not a number from 1');
  return part;
}
