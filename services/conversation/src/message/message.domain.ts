import type { AgentId, ConversationId, MessageContent, MessageId, TenantId } from '@crossdesk/contracts';
import { refuseText } from '../input.domain.ts';
import { accept, type Outcome, refuse } from '../refusal.domain.ts';
import type { Delivery } from './delivery.domain.ts';

export type MessageDirection = 'inbound' | 'outbound';
export type MessageAuthor = 'buyer' | 'seller' | 'bot' | 'system' | 'agent';

export interface Message {
  readonly tenantId: TenantId;
  readonly id: MessageId;
  readonly conversationId: ConversationId;
  readonly direction: MessageDirection;
  readonly author: MessageAuthor;
  readonly agentId: AgentId | null;
  readonly content: MessageContent;
  readonly externalId: string | null;
  readonly replyToExternalId: string | null;
  readonly sequence: string | null;
  /** Only for messages from Crossdesk. */
  readonly delivery: Delivery | null;
  readonly occurredAt: Date;
  readonly receivedAt: Date;
  readonly recordedAt: Date;
}

/** What somebody wants to send: exactly one of the four. */
export interface ReplyInput {
  readonly text?: string | null | undefined;
  readonly imageUrl?: string | null | undefined;
  readonly externalOrderId?: string | null | undefined;
  readonly externalProductId?: string | null | undefined;
}

/** More than any channel takes; ingest knows the limit of each and reports a failed delivery beyond it. */
const textCharactersMax = 10_000;
const urlCharactersMax = 2_048;
const externalIdCharactersMax = 200;

/** Decodes what is to be sent. Which kinds and lengths a channel takes is for ingest to say. */
export function replyContent(input: ReplyInput): Outcome<MessageContent> {
  const { text, imageUrl, externalOrderId, externalProductId } = input;
  const given = Object.entries({ text, imageUrl, externalOrderId, externalProductId }).filter(
    ([, value]) => value !== null && value !== undefined,
  );
  const [field] = given;
  if (field === undefined || given.length > 1) {
    return refuse(
      'INVALID_INPUT',
      field?.[0] ?? 'text',
      'Give exactly one of text, imageUrl, externalOrderId and externalProductId.',
    );
  }
  if (typeof text === 'string') return refuseText('text', text, textCharactersMax) ?? accept({ kind: 'text', text });
  if (typeof imageUrl === 'string') return imageContent(imageUrl);
  if (typeof externalOrderId === 'string') {
    return (
      refuseText('externalOrderId', externalOrderId, externalIdCharactersMax) ??
      accept({ kind: 'order', externalOrderId })
    );
  }
  const productId = externalProductId ?? '';
  return (
    refuseText('externalProductId', productId, externalIdCharactersMax) ??
    accept({ kind: 'product', externalProductId: productId, title: null, imageUrl: null })
  );
}

function imageContent(url: string): Outcome<MessageContent> {
  const refusal = refuseText('imageUrl', url, urlCharactersMax);
  if (refusal !== null) return refusal;
  if (!URL.canParse(url) || new URL(url).protocol !== 'https:') {
    return refuse('INVALID_INPUT', 'imageUrl', 'imageUrl is no https address: platforms fetch pictures from there.');
  }
  return accept({
    kind: 'image',
    url,
    thumbnailUrl: null,
    mediaId: null,
    mimeType: null,
    fileName: null,
    caption: null,
  });
}
