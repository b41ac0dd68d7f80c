import type {
  OutgoingMessage,
  OutgoingFile,
  PlatformContext,
  SendOutcome,
  UploadedFile,
  UploadOutcome,
} from '../port/index.ts';
import { toSendOutcome, toUploadOutcome } from '../shared/platform-error.ts';
import { field, integer, text } from '../shared/platform-json.ts';
import { invalid, type Rejection, unsupported } from '../shared/rejection.ts';
import { askShop } from './tiktok-shop.call.ts';
import { messagesPath } from './tiktok-shop.messages.ts';
import { record } from './tiktok-shop.record.ts';

const { textCharactersMax } = record.capabilities;

type Body = { readonly type: string; readonly content: Readonly<Record<string, string | number>> };

const pictureUpload = { path: '/customer_service/202309/images/upload', field: 'data' } as const;

/** Uploads a picture to TikTok; a message then contains its address there. */
export async function upload(context: PlatformContext, file: OutgoingFile): Promise<UploadOutcome> {
  const { path, field: name } = pictureUpload;
  const answer = await askShop(context, { path, query: {}, body: null, file: { field: name, file } });
  if (!answer.ok) return toUploadOutcome(answer.error);
  const url = text(field(answer.value, 'url'));
  if (url === null) return { status: 'retry', afterMs: 0, detail: 'TikTok accepted the picture but gave no address' };
  const [width, height] = [integer(field(answer.value, 'width')), integer(field(answer.value, 'height'))];
  return { status: 'uploaded', file: { url, mediaId: null, width, height } };
}

/** Delivers one reply. TikTok has no idempotency key: after an unknown outcome the thread has to be read first. */
export async function send(context: PlatformContext, message: OutgoingMessage): Promise<SendOutcome> {
  const body = bodyOf(message);
  if ('status' in body) return body;
  const path = messagesPath(message.externalThreadId);
  if (path === null) return invalid('The conversation id is not a TikTok Shop id');
  // `content` is JSON text inside the JSON.
  const json = JSON.stringify({ type: body.type, content: JSON.stringify(body.content) });
  const answer = await askShop(context, { path, query: {}, body: json });
  if (!answer.ok) return toSendOutcome(answer.error);
  return { status: 'accepted', externalMessageId: text(field(answer.value, 'message_id')) };
}

function bodyOf({ content, upload }: OutgoingMessage): Body | Rejection {
  switch (content.kind) {
    case 'image':
      return upload === null ? invalid('The picture was not uploaded') : pictureBody(upload);
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
      return unsupported(
        `TikTok Shop cannot send ${content.kind} from here: send text, a picture, an order or a product`,
      );
  }
}

/** Sizes are sent as numbers, although they are received as text. */
function pictureBody({ url, width, height }: UploadedFile): Body | Rejection {
  if (url === null) return invalid('The picture was not uploaded');
  const size = width === null || height === null ? {} : { width, height };
  return { type: 'IMAGE', content: { url, ...size } };
}

function textBody(words: string): Body | Rejection {
  if (words.trim() === '') return invalid('The text is empty');
  // UNVERIFIED how TikTok counts: UTF-16 units are the strictest count, so that TikTok never refuses an accepted text.
  if (words.length > textCharactersMax) {
    return invalid(
      `The text is longer than ${textCharactersMax} characters (an emoji counts as two or more): split it`,
    );
  }
  return { type: 'TEXT', content: { content: words } };
}
