import type { Context } from '../platform.port.ts';
import { executeSend } from '../happen.ts';
import { decodeJson, field, textField } from '../json.ts';
import type { Message, Shop, Thread } from '../model.ts';
import { seconds } from '../model.ts';
import type { Answer, Call } from '../call.ts';
import type { Route } from '../serve.ts';
import { fileOf, openPicture } from '../uploads.ts';
import { conversationObject, messageObject, nanoseconds, readSent } from './shopee.chat.ts';
import { shopeeAnswer, shopeeOk } from './shopee.entry.ts';

const pageSizeMax = 60;
const pageSizeDefault = 25;
const textCharactersMax = 1_000;
const uploadBytesMax = 2 * 1_048_576;
const uploadTypes = ['image/jpeg', 'image/png', 'image/gif'];

export const shopeeChatRoutes: readonly Route[] = [
  { method: 'GET', path: '/api/v2/sellerchat/get_conversation_list', isSend: false, handle: listConversations },
  { method: 'GET', path: '/api/v2/sellerchat/get_one_conversation', isSend: false, handle: oneConversation },
  { method: 'GET', path: '/api/v2/sellerchat/get_message', isSend: false, handle: listMessages },
  { method: 'POST', path: '/api/v2/sellerchat/send_message', isSend: true, handle: sendMessage },
  { method: 'POST', path: '/api/v2/sellerchat/upload_image', isSend: false, handle: uploadImage },
];

function listConversations(context: Context, shop: Shop, call: Call): Answer {
  const direction = call.query.get('direction');
  const type = call.query.get('type');
  const from = call.query.get('next_timestamp_nano') ?? '';
  const size = pageSize(call);
  if (direction !== 'latest' && direction !== 'older') return shopeeAnswer('error_param', 'direction is required.');
  if (type !== 'all' && type !== 'unread' && type !== 'pinned') return shopeeAnswer('error_param', 'type is required.');
  if (size === null || !/^\d{0,19}$/.test(from)) return shopeeAnswer('error_param', 'Wrong page_size or cursor.');
  const matching = context.world.threads(shop).filter((thread) => isListed(thread, type, direction, from));
  const page = matching.slice(0, size);
  const last = page.at(-1);
  return shopeeOk({
    conversations: page.map((thread) => conversationObject(context, thread)),
    page_result: {
      page_size: page.length,
      next_cursor: {
        next_message_time_nano: String(last === undefined ? 0n : lastNano(last)),
        conversation_id: last?.id ?? '',
      },
      more: matching.length > page.length,
    },
  });
}

function isListed(thread: Thread, type: string, direction: string, from: string): boolean {
  if (type === 'pinned') return false;
  if (type === 'unread' && thread.messages.at(-1)?.direction !== 'inbound') return false;
  if (direction === 'latest') return from === '' || lastNano(thread) > BigInt(from);
  // "older" without a cursor returns nothing, as production does.
  return from !== '' && lastNano(thread) < BigInt(from);
}

function lastNano(thread: Thread): bigint {
  const latest = thread.messages.at(-1);
  return latest === undefined ? 0n : nanoseconds(latest);
}

function oneConversation(context: Context, shop: Shop, call: Call): Answer {
  const thread = context.world.thread(shop, call.query.get('conversation_id') ?? '');
  if (thread === null) return shopeeAnswer('error_not_found', 'The conversation does not exist.');
  return shopeeOk(conversationObject(context, thread));
}

function listMessages(context: Context, shop: Shop, call: Call): Answer {
  const thread = context.world.thread(shop, call.query.get('conversation_id') ?? '');
  const size = pageSize(call);
  const offset = call.query.get('offset') ?? '';
  if (thread === null) return shopeeAnswer('error_not_found', 'The conversation does not exist.');
  if (size === null) return shopeeAnswer('error_param', `page_size must be 1 to ${pageSizeMax}.`);
  const newestFirst = thread.messages.toReversed();
  const start = offset === '' || offset === '0' ? 0 : indexAfter(newestFirst, offset);
  if (start === null) return shopeeAnswer('error_param', 'offset is no message of this conversation.');
  const page = newestFirst.slice(start, start + size);
  const hasMore = newestFirst.length > start + page.length;
  return shopeeOk({
    messages: page.map((message) => messageObject(context, thread, message)),
    page_result: { page_size: page.length, next_offset: hasMore ? (page.at(-1)?.id ?? '') : '' },
  });
}

function indexAfter(messages: readonly Message[], id: string): number | null {
  const at = messages.findIndex((message) => message.id === id);
  return at < 0 ? null : at + 1;
}

function uploadImage(context: Context, _shop: Shop, call: Call): Answer {
  const file = fileOf(call, 'file');
  const picture = file === null ? null : openPicture(file.bytes);
  if (file === null || picture === null) return shopeeAnswer('error_param', 'file must be one picture.');
  if (file.bytes.length > uploadBytesMax || !uploadTypes.includes(picture.mimeType))
    return shopeeAnswer('error_param', 'file must be jpg, jpeg, png or gif of at most 2 MB.');
  const url = `${context.origin()}${context.world.addUpload({ ...picture, bytes: file.bytes })}`;
  return shopeeOk({ url, thumbnail: url });
}

function isUploaded(context: Context, url: string): boolean {
  return url.startsWith(context.origin()) && context.world.uploads.has(url.slice(context.origin().length));
}

async function sendMessage(context: Context, shop: Shop, call: Call): Promise<Answer> {
  const body = decodeJson(call.body);
  const type = textField(body, 'message_type');
  const value = field(body, 'content');
  const buyer = context.world.buyerByExternalId(shop, textField(body, 'to_id'));
  const content = readSent(type, value);
  if (buyer === null) return shopeeAnswer('error_param', 'to_id is not a user of this shop.');
  if (content === null) return shopeeAnswer('error_param', `content does not fit message_type "${type}".`);
  if (content.kind === 'text' && content.text.length > textCharactersMax) {
    return shopeeAnswer('error_param', `text is longer than ${textCharactersMax} characters.`);
  }
  if (content.kind === 'image' && !isUploaded(context, content.url))
    return shopeeAnswer('error_param', 'image_url was not uploaded with upload_image.');
  const thread = context.world.threadOf(shop, buyer);
  const named = textField(body, 'conversation_id');
  if (named !== '' && named !== thread.id) return shopeeAnswer('error_param', 'conversation_id is not of this user.');
  const { message, afterwards } = await executeSend(context, thread, content, null);
  const answer = shopeeOk({
    message_id: message.id,
    to_id: Number(buyer.externalId),
    message_type: type,
    content: value,
    conversation_id: thread.id,
    created_timestamp: seconds(message.at),
    message_option: 0,
    region: shop.region,
  });
  return { ...answer, afterwards };
}

function pageSize(call: Call): number | null {
  const size = Number(call.query.get('page_size') ?? pageSizeDefault);
  return Number.isInteger(size) && size >= 1 && size <= pageSizeMax ? size : null;
}
