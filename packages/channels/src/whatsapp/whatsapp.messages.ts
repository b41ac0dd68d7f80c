import type { MessageContent } from '@crossdesk/contracts';
import type { Endpoint, OutgoingMessage, PlatformContext, PlatformRequest, SendOutcome } from '../port/index.ts';
import { toSendOutcome } from '../shared/platform-error.ts';
import { answerJson, field, list, text } from '../shared/platform-json.ts';
import { invalid, type Rejection, unsupported } from '../shared/rejection.ts';
import { classifyError } from './whatsapp.errors.ts';
import { record } from './whatsapp.record.ts';

/** The Graph API version that defines the requests and answers in this folder. */
export const graphApiVersion = 'v24.0';
const { textCharactersMax } = record.capabilities;

/** Sends one message with our message id, which every status repeats: a late status settles an unknown outcome. */
export async function send(context: PlatformContext, message: OutgoingMessage): Promise<SendOutcome> {
  const content = contentFields(withUpload(message));
  if (content.status === 'rejected') return content;
  const response = await context.call(sendRequest(context, message, content.fields));
  if (response.status !== 200) return toSendOutcome(classifyError(response, context.now()));
  const externalMessageId = text(field(list(field(answerJson(response.body), 'messages'))[0], 'id'));
  return externalMessageId === null
    ? { status: 'unknown', detail: 'WhatsApp answered 200 without a message id' }
    : { status: 'accepted', externalMessageId };
}

function sendRequest({ account }: PlatformContext, message: OutgoingMessage, fields: object): PlatformRequest {
  const phoneNumberId = encodeURIComponent(account.externalAccountId);
  return {
    method: 'POST',
    url: `${account.baseUrls.api}/${graphApiVersion}/${phoneNumberId}/messages`,
    headers: { ...tokenHeader(account), 'content-type': 'application/json' },
    body: JSON.stringify({
      messaging_product: 'whatsapp',
      recipient_type: 'individual',
      ...recipientFields(message),
      biz_opaque_callback_data: message.messageId,
      ...fields,
    }),
  };
}

export function tokenHeader({ credentials }: Endpoint): Readonly<Record<string, string>> {
  return { authorization: `Bearer ${credentials['access_token'] ?? ''}` };
}

/** `to` takes a phone number, `recipient` the id of a buyer who hides their number. */
function recipientFields({ externalThreadId, buyer }: OutgoingMessage): object {
  if (/^\d+$/.test(externalThreadId)) return { to: externalThreadId };
  return buyer.phone === null ? { recipient: externalThreadId } : { to: buyer.phone.replace('+', '') };
}

/** The content with the id of the uploaded file. */
function withUpload({ content, upload }: OutgoingMessage): MessageContent {
  return upload !== null && 'mediaId' in content ? { ...content, mediaId: upload.mediaId } : content;
}

type ContentFields = { readonly status: 'ready'; readonly fields: object } | Rejection;

function contentFields(content: MessageContent): ContentFields {
  switch (content.kind) {
    case 'text':
      return content.text.length > textCharactersMax
        ? invalid(`shorten the text to ${textCharactersMax} characters`)
        : ready({ type: 'text', text: { body: content.text } });
    case 'image':
    case 'video':
      return media(content.kind, content, captionField(content.caption));
    case 'audio':
      return media('audio', content, {});
    case 'file':
      return media('document', content, {
        ...captionField(content.caption),
        ...(content.fileName === null ? {} : { filename: content.fileName }),
      });
    case 'sticker':
      return media('sticker', { mediaId: content.stickerId, url: content.url }, {});
    default:
      return unsupported(`WhatsApp cannot send ${content.kind} messages`);
  }
}

function captionField(caption: string | null): object {
  return caption === null ? {} : { caption };
}

function media(type: string, source: { mediaId: string | null; url: string | null }, extra: object): ContentFields {
  if (source.mediaId !== null) return ready({ type, [type]: { id: source.mediaId, ...extra } });
  if (source.url !== null) return ready({ type, [type]: { link: source.url, ...extra } });
  return invalid('give the media a url or an uploaded media id');
}

function ready(fields: object): ContentFields {
  return { status: 'ready', fields };
}
