import { channelCapabilities, type MessageContent } from '@crossdesk/contracts';
import type { OutgoingMessage, PlatformContext, SendOutcome } from '../../channel/channel.port.ts';
import { field, text } from '../../channel/platform-json.ts';
import { askShop } from './tiktok-shop.call.ts';
import { toSendOutcome } from './tiktok-shop.errors.ts';
import { messagesPath } from './tiktok-shop.messages.ts';

const { textCharactersMax } = channelCapabilities['tiktok-shop'];

type Body = { readonly type: string; readonly content: Readonly<Record<string, string>> };
type Rejection = Extract<SendOutcome, { status: 'rejected' }>;

/** Delivers one reply. TikTok has no idempotency key: after an unclear outcome the thread has to be read first. */
export async function sendMessage(context: PlatformContext, message: OutgoingMessage): Promise<SendOutcome> {
  const body = bodyOf(message.content);
  if ('status' in body) return body;
  const path = messagesPath(message.externalThreadId);
  if (path === null) return invalid('The conversation id is none of TikTok Shop');
  // `content` is JSON text inside the JSON.
  const json = JSON.stringify({ type: body.type, content: JSON.stringify(body.content) });
  const answer = await askShop(context, { path, query: {}, body: json });
  if (!answer.ok) return toSendOutcome(answer.error);
  return { status: 'accepted', externalMessageId: text(field(answer.data, 'message_id')) };
}

function bodyOf(content: MessageContent): Body | Rejection {
  switch (content.kind) {
    case 'text':
      return textBody(content.text);
    case 'order':
      return content.externalOrderId === ''
        ? invalid('The order id is empty')
        : { type: 'ORDER_CARD', content: { order_id: content.externalOrderId } };
    case 'product':
      return content.externalProductId === ''
        ? invalid('The product id is empty')
        : { type: 'PRODUCT_CARD', content: { product_id: content.externalProductId } };
    default:
      return {
        status: 'rejected',
        failure: 'UNSUPPORTED',
        detail: `TikTok Shop cannot send ${content.kind} from here: send text, an order or a product`,
      };
  }
}

function textBody(words: string): Body | Rejection {
  if (words.trim() === '') return invalid('The text is empty');
  // UNVERIFIED how TikTok counts: UTF-16 units, the strictest reading, so that it never refuses what we let pass.
  if (words.length > textCharactersMax) {
    return invalid(
      `The text is longer than ${textCharactersMax} characters (an emoji counts as two or more): split it`,
    );
  }
  return { type: 'TEXT', content: { content: words } };
}

function invalid(detail: string): Rejection {
  return { status: 'rejected', failure: 'INVALID_REQUEST', detail };
}
