import { LosslessNumber, stringify } from 'lossless-json';
import type { OutgoingFile, OutgoingMessage, PlatformContext, SendOutcome, UploadOutcome } from '../port/index.ts';
import { toSendOutcome, toUploadOutcome } from '../shared/platform-error.ts';
import { field, seconds, text } from '../shared/platform-json.ts';
import { invalid, type Rejection, unsupported } from '../shared/rejection.ts';
import { postToShop, uploadToShop } from './shopee.call.ts';
import { splitStickerId } from './shopee.content.ts';
import { sequenceOf } from './shopee.message.ts';
import { record } from './shopee.record.ts';

const { textCharactersMax } = record.capabilities;

type Body = { readonly message_type: string; readonly content: Readonly<Record<string, unknown>> };

const pictureUpload = { path: '/api/v2/sellerchat/upload_image', field: 'file', answer: 'url' } as const;

/** Uploads a picture to Shopee; a message then contains its address there. */
export async function upload(context: PlatformContext, file: OutgoingFile): Promise<UploadOutcome> {
  const { path, field: name, answer: answered } = pictureUpload;
  const answer = await uploadToShop(context, path, { field: name, file });
  if (!answer.ok) return toUploadOutcome(answer.error);
  const url = text(field(answer.value, answered));
  if (url === null) return { status: 'retry', afterMs: 0, detail: 'Shopee accepted the picture but gave no address' };
  return { status: 'uploaded', file: { url, mediaId: null, width: null, height: null } };
}

/** Delivers one reply. Shopee has no idempotency key: after an unknown outcome the thread has to be read first. */
export async function send(context: PlatformContext, message: OutgoingMessage): Promise<SendOutcome> {
  const body = bodyOf(message);
  if ('status' in body) return body;
  const buyerId = wholeNumber(message.buyer.externalId);
  if (buyerId === null) return invalid('The buyer has no numeric Shopee user id');
  const json = stringify({ to_id: buyerId, ...body }) ?? '';
  const answer = await postToShop(context, '/api/v2/sellerchat/send_message', json);
  if (!answer.ok) return toSendOutcome(answer.error);
  const externalMessageId = text(field(answer.value, 'message_id'));
  const occurredAt = seconds(field(answer.value, 'created_timestamp'));
  if (externalMessageId === null || occurredAt === null) return { status: 'accepted', externalMessageId };
  const sequence = sequenceOf(occurredAt, externalMessageId);
  return { status: 'accepted', externalMessageId, position: { occurredAt, sequence } };
}

function bodyOf({ content, upload }: OutgoingMessage): Body | Rejection {
  switch (content.kind) {
    case 'image':
      return upload === null || upload.url === null
        ? invalid('The picture was not uploaded')
        : { message_type: 'image', content: { image_url: upload.url } };
    case 'text':
      return textBody(content.text);
    case 'order':
      return { message_type: 'order', content: { order_sn: content.externalOrderId } };
    case 'product':
      return productBody(content.externalProductId);
    case 'sticker':
      return stickerBody(content.stickerId ?? '');
    default:
      return unsupported(
        `Shopee chat cannot send ${content.kind} from here: send text, a picture, an order, a product or a sticker`,
      );
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
    ? invalid('The product id is not a Shopee item id')
    : { message_type: 'item', content: { item_id: itemId } };
}

function stickerBody(id: string): Body | Rejection {
  const ids = splitStickerId(id);
  return ids === null
    ? invalid('The sticker id must be the package id and the sticker id, joined by a slash')
    : { message_type: 'sticker', content: { sticker_id: ids.stickerId, sticker_package_id: ids.packageId } };
}

/** Ids are sent as JSON integers of up to 64 bits, which a double would round; null for anything else. */
export function wholeNumber(digits: string): LosslessNumber | null {
  return /^[1-9][0-9]{0,18}$/.test(digits) ? new LosslessNumber(digits) : null;
}
