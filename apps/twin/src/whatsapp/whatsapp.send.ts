import type { Context } from '../platform.port.ts';
import { executeSend } from '../happen.ts';
import { decodeJson, textField } from '../json.ts';
import type { Shop, Thread } from '../model.ts';
import type { Answer, Call } from '../call.ts';
import type { Route } from '../serve.ts';
import { readSent } from './whatsapp.content.ts';
import { whatsappError, whatsappOk } from './whatsapp.entry.ts';
import { uploadedUrl } from './whatsapp.upload.ts';

const windowMs = 24 * 3600_000;
const callbackBytesMax = 512;

export const whatsappSendRoutes: readonly Route[] = [
  { method: 'POST', path: '/:version/:phone/messages', isSend: true, handle: sendMessage },
];

async function sendMessage(context: Context, shop: Shop, call: Call): Promise<Answer> {
  const body = decodeJson(call.body);
  if (textField(body, 'messaging_product') !== 'whatsapp') return invalid('messaging_product must be "whatsapp".');
  if (textField(body, 'status') === 'read') return markRead(context, shop, textField(body, 'message_id'));
  const sent = readSent(body, (id) => uploadedUrl(context, id));
  if (!sent.ok) return invalid(sent.details);
  const recipient = textField(body, 'to').replace(/^\+/, '') || textField(body, 'recipient');
  const key = textField(body, 'biz_opaque_callback_data');
  if (recipient === '') return invalid('to or recipient is required.');
  if (Buffer.byteLength(key) > callbackBytesMax)
    return invalid(`biz_opaque_callback_data is over ${callbackBytesMax} bytes.`);
  const thread = findThread(context, shop, recipient);
  if (thread === null) return whatsappError(400, 131026, 'Message undeliverable', 'The recipient is not on WhatsApp.');
  if (textField(body, 'type') !== 'template' && !isWindowOpen(context, thread)) {
    const details = 'More than 24 hours have passed since the recipient last replied to the sender number.';
    return whatsappError(400, 131047, 'Re-engagement message', details);
  }
  const { message, afterwards } = await executeSend(context, thread, sent.content, key === '' ? null : key);
  const contacts = [{ input: recipient, wa_id: thread.buyer.phone, user_id: thread.buyer.externalId }];
  const messages = [{ id: message.id, message_status: 'accepted' }];
  return { ...whatsappOk({ messaging_product: 'whatsapp', contacts, messages }), afterwards };
}

function findThread(context: Context, shop: Shop, recipient: string): Thread | null {
  const buyer = context.world.buyers(shop).find((one) => one.externalId === recipient || one.phone === recipient);
  return buyer === undefined ? null : context.world.threadOf(shop, buyer);
}

function isWindowOpen(context: Context, thread: Thread): boolean {
  const latest = thread.messages.findLast((message) => message.direction === 'inbound');
  return latest !== undefined && context.clock().getTime() - latest.at.getTime() < windowMs;
}

function markRead(context: Context, shop: Shop, messageId: string): Answer {
  const isKnown = context.world
    .threads(shop)
    .some((thread) => thread.messages.some((message) => message.id === messageId && message.direction === 'inbound'));
  return isKnown ? whatsappOk({ success: true }) : invalid('message_id is no message of a user.');
}

function invalid(details: string): Answer {
  return whatsappError(400, 100, 'Invalid parameter', details);
}
