import type { Buyer, MessageChange } from '@crossdesk/contracts';
import { type NormalisedChange, type NormalisedMessage, UnparsableDelivery } from '../port/index.ts';
import { field, text } from '../shared/platform-json.ts';
import { contentOf } from './whatsapp.content.ts';

interface ChangedMessage {
  readonly externalMessageId: string | null;
  readonly change: MessageChange;
}

/**
 * A reaction, an edit or a revocation, which come as elements of `messages[]` and `message_echoes[]`; null for a message.
 * @throws UnparsableDelivery for one that names no message
 */
export function changeOf(
  message: unknown,
  type: string,
  sent: Pick<NormalisedMessage, 'direction' | 'occurredAt'> & { readonly buyer: Buyer },
): NormalisedChange | null {
  const told = whatChanged(field(message, type), type);
  if (told === null) return null;
  const { externalMessageId, change } = told;
  if (externalMessageId === null) throw new UnparsableDelivery(`messages[].${type} names no message`);
  const { direction, buyer, occurredAt } = sent;
  const by = direction === 'inbound' ? 'buyer' : 'seller';
  return { externalThreadId: buyer.externalId, externalMessageId, by, buyer, change, occurredAt };
}

function whatChanged(part: unknown, type: string): ChangedMessage | null {
  switch (type) {
    case 'reaction': {
      const emoji = text(field(part, 'emoji'));
      return { externalMessageId: text(field(part, 'message_id')), change: { kind: 'reacted', emoji } };
    }
    case 'edit': {
      const message = field(part, 'message');
      const content = contentOf(message, text(field(message, 'type')) ?? 'none');
      return { externalMessageId: text(field(part, 'original_message_id')), change: { kind: 'edited', content } };
    }
    case 'revoke':
      return { externalMessageId: text(field(part, 'original_message_id')), change: { kind: 'deleted' } };
    default:
      return null;
  }
}

/** A status that reports the deletion of a message by its writer: the buyer, as the shop cannot revoke its own. */
export function deletionOf(status: unknown, externalMessageId: string, occurredAt: Date): NormalisedChange {
  const phone = text(field(status, 'recipient_id'));
  const externalId = text(field(status, 'recipient_user_id')) ?? phone;
  if (externalId === null) throw new UnparsableDelivery('statuses[].recipient_id is missing');
  const unknown = { commerceId: null, name: null, phone: null, email: null, avatarUrl: null, locale: null };
  const buyer = { externalId, ...unknown };
  return {
    externalThreadId: externalId,
    externalMessageId,
    by: 'buyer',
    buyer,
    change: { kind: 'deleted' },
    occurredAt,
  };
}
