import { channelCapabilities, type MessageContent } from '@crossdesk/contracts';
import { LosslessNumber, stringify } from 'lossless-json';
import type { OutgoingMessage, PlatformContext, SendOutcome } from '../../channel/channel.port.ts';
import { field, seconds, text } from '../../channel/platform-json.ts';
import { postToShop } from './shopee.call.ts';
import { splitStickerId } from './shopee.content.ts';
import { toSendOutcome } from './shopee.errors.ts';
import { sequenceOf } from './shopee.message.ts';

const { textCharactersMax } = channelCapabilities.shopee;

type Body = { readonly message_type: string; readonly content: Readonly<Record<string, unknown>> };
type Rejection = Extract<SendOutcome, { status: 'rejected' }>;

/** Delivers one reply. Shopee has no idempotency key: after an unclear outcome the thread has to be read first. */
export async function sendMessage(context: PlatformContext, message: OutgoingMessage): Promise<SendOutcome> {
  const body = bodyOf(message.content);
  if ('status' in body) return body;
  const buyerId = wholeNumber(message.buyer.externalId);
  if (buyerId === null) return invalid('The buyer has no numeric user id of Shopee');
  const json = stringify({ to_id: buyerId, ...body }) ?? '';
  const answer = await postToShop(context, '/api/v2/sellerchat/send_message', json);
  if (!answer.ok) return toSendOutcome(answer.error);
  const externalMessageId = text(field(answer.value, 'message_id'));
  const occurredAt = seconds(field(answer.value, 'created_timestamp'));
  if (externalMessageId === null || occurredAt === null) return { status: 'accepted', externalMessageId };
  const sequence = sequenceOf(occurredAt, externalMessageId);
  return { status: 'accepted', externalMessageId, position: { occurredAt, sequence } };
}

function bodyOf(content: MessageContent): Body | Rejection {
  switch (content.kind) {
    case 'text':
      return textBody(content.text);
    case 'order':
      return { message_type: 'order', content: { order_sn: content.externalOrderId } };
    case 'product':
      return productBody(content.externalProductId);
    case 'sticker':
      return stickerBody(content.stickerId ?? '');
    default:
      return {
        status: 'rejected',
        failure: 'UNSUPPORTED',
        detail: `Shopee chat cannot send ${content.kind} from here: send text, an order, a product or a sticker`,
      };
  }
}

function textBody(words: string): Body | Rejection {
  if (words.trim() === '') return invalid('The text is empty');
  if (words.length > textCharactersMax) return invalid(`The text is longer than ${textCharactersMax} characters`);
  return { message_type: 'text', content: { text: words } };
}

function productBody(productId: string): Body | Rejection {
  const itemId = wholeNumber(productId);
  return itemId === null
    ? invalid('The product id is no item id of Shopee')
    : { message_type: 'item', content: { item_id: itemId } };
}

function stickerBody(id: string): Body | Rejection {
  const ids = splitStickerId(id);
  return ids === null
    ? invalid('The sticker id must be the package id and the sticker id, joined by a slash')
    : { message_type: 'sticker', content: { sticker_id: ids.stickerId, sticker_package_id: ids.packageId } };
}

function invalid(detail: string): Rejection {
  return { status: 'rejected', failure: 'INVALID_REQUEST', detail };
}

/** Ids go out as JSON integers of up to 64 bits, which a double would round. */
function wholeNumber(digits: string): LosslessNumber | null {
  return /^[1-9][0-9]{0,18}$/.test(digits) ? new LosslessNumber(digits) : null;
}
