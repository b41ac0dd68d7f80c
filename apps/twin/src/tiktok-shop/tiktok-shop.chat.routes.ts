import type { Context } from '../platform.port.ts';
import { executeSend } from '../happen.ts';
import { decodeJson, field, textField } from '../json.ts';
import type { Shop } from '../model.ts';
import type { Answer, Call } from '../call.ts';
import type { Route } from '../serve.ts';
import { fileOf, openPicture } from '../uploads.ts';
import { canSend, conversationObject, messageObject, readSent } from './tiktok-shop.chat.ts';
import { tiktokAnswer, tiktokOk } from './tiktok-shop.entry.ts';
import { pageOf } from './tiktok-shop.page.ts';

const conversationPageMax = 20;
const messagePageMax = 10;
const textCharactersMax = 2_000;
const uploadBytesMax = 10 * 1_048_576;

const conversations = '/customer_service/202309/conversations';

export const tiktokChatRoutes: readonly Route[] = [
  { method: 'GET', path: conversations, isSend: false, handle: listConversations },
  { method: 'GET', path: `${conversations}/:id/messages`, isSend: false, handle: listMessages },
  { method: 'POST', path: `${conversations}/:id/messages`, isSend: true, handle: sendMessage },
  { method: 'POST', path: '/customer_service/202309/images/upload', isSend: false, handle: uploadImage },
  { method: 'POST', path: `${conversations}/:id/messages/read`, isSend: false, handle: markRead },
];

function listConversations(context: Context, shop: Shop, call: Call): Answer {
  const page = pageOf(context.world.threads(shop), call, conversationPageMax);
  if (page === null) return tiktokAnswer(36009022, `page_size must be 1 to ${conversationPageMax}.`);
  return tiktokOk({
    conversations: page.items.map((thread) => conversationObject(context, thread)),
    next_page_token: page.nextPageToken,
  });
}

function listMessages(context: Context, shop: Shop, call: Call): Answer {
  const thread = context.world.thread(shop, call.params['id'] ?? '');
  if (thread === null) return tiktokAnswer(45101003, 'The conversation does not exist.');
  const isAscending = call.query.get('sort_order') === 'ASC';
  const page = pageOf(isAscending ? thread.messages : thread.messages.toReversed(), call, messagePageMax);
  if (page === null) return tiktokAnswer(36009022, `page_size must be 1 to ${messagePageMax}.`);
  return tiktokOk({
    messages: page.items.map((message) => messageObject(context, thread, message)),
    next_page_token: page.nextPageToken,
    unsupported_msg_tips: 'This message can only be seen in Seller Center.',
  });
}

function markRead(context: Context, shop: Shop, call: Call): Answer {
  const thread = context.world.thread(shop, call.params['id'] ?? '');
  return thread === null ? tiktokAnswer(45101003, 'The conversation does not exist.') : tiktokOk({});
}

function uploadImage(context: Context, _shop: Shop, call: Call): Answer {
  const file = fileOf(call, 'data');
  const picture = file === null ? null : openPicture(file.bytes);
  if (file === null || picture === null || file.bytes.length > uploadBytesMax)
    return tiktokAnswer(45101001, 'Invalid parameter: data must be a jpg, gif, webp or png of at most 10 MB.');
  const path = context.world.addUpload({ ...picture, bytes: file.bytes });
  return tiktokOk({ url: `${context.origin()}${path}`, width: picture.width, height: picture.height });
}

/** In sent pictures the sizes are numbers; in received pictures they are text. */
function isUploaded(context: Context, url: string, contentText: string): boolean {
  const upload = context.world.uploads.get(url.slice(context.origin().length));
  const content = decodeJson(contentText);
  return upload !== undefined && field(content, 'width') === upload.width && field(content, 'height') === upload.height;
}

async function sendMessage(context: Context, shop: Shop, call: Call): Promise<Answer> {
  const thread = context.world.thread(shop, call.params['id'] ?? '');
  const body = decodeJson(call.body);
  const type = textField(body, 'type');
  const content = readSent(type, textField(body, 'content'));
  if (thread === null) return tiktokAnswer(45101003, 'The conversation does not exist.');
  if (content === null) return tiktokAnswer(45101001, `Invalid parameter: content does not fit type "${type}".`);
  if (content.kind === 'text' && content.text.length > textCharactersMax) {
    return tiktokAnswer(45101001, `Invalid parameter: text is longer than ${textCharactersMax} characters.`);
  }
  if (content.kind === 'image' && !isUploaded(context, content.url, textField(body, 'content')))
    return tiktokAnswer(45101001, 'Invalid parameter: send url, width and height of an uploaded picture.');
  if (!canSend(context, thread)) return tiktokAnswer(45109001, 'The shop may not write in this conversation now.');
  const { message, afterwards } = await executeSend(context, thread, content, null);
  return { ...tiktokOk({ message_id: message.id }), afterwards };
}
