import { capabilitiesOf, channels, findSendProblem } from '@crossdesk/channels';
import {
  type AgentId,
  type ConversationId,
  type DeliveryFailure,
  type DeliveryStatus,
  type MessageContent,
  type MessageContext,
  type MessageId,
  type RegroupingId,
  type TenantId,
  webAddress,
} from '@crossdesk/contracts';
import { accept, type Decision, refuse, type Refused, refuseText } from '@crossdesk/service-kit/decision';

import { contentsOfFiles, decideFiles, type NamedFile } from '../attachment/attached-file.domain.ts';
import type { Changeable } from './message-change.domain.ts';

export type MessageDirection = 'inbound' | 'outbound';
export type MessageAuthor = 'buyer' | 'seller' | 'bot' | 'system' | 'agent';

/** The outcome of a reply, as reported by ingest. */
export interface Delivery {
  readonly status: DeliveryStatus;
  readonly failure: DeliveryFailure | null;
  /** The text of the platform. */
  readonly detail: string | null;
  readonly updatedAt: Date;
}

export interface Message extends Changeable {
  readonly tenantId: TenantId;
  readonly id: MessageId;
  readonly conversationId: ConversationId;
  /** What it moves with; null: the thread that has the id of its conversation. */
  readonly segmentId: string | null;
  /** The last regrouping of its conversation when it was added; null: none. */
  readonly regroupingId: RegroupingId | null;
  readonly direction: MessageDirection;
  readonly author: MessageAuthor;
  readonly agentId: AgentId | null;
  readonly context: MessageContext | null;
  /** The id that the client gave a reply; null for messages from elsewhere. */
  readonly clientMutationId: string | null;
  readonly externalId: string | null;
  readonly replyToExternalId: string | null;
  /** The order among the messages of one instant, as decimal text: the platform's sequence if it has one. */
  readonly position: string;
  /** Only for messages from Crossdesk. */
  readonly delivery: Delivery | null;
  readonly occurredAt: Date;
  /** The time that the platform gave, if it cannot be true; null otherwise. */
  readonly claimedAt: Date | null;
  readonly receivedAt: Date;
  readonly recordedAt: Date;
}

/** A message to which nothing has happened yet. */
export const unchanged = { context: null, reactions: [], edits: [], deletedAt: null } as const;

/** The place that a platform's sequence gives a message within its instant. */
export function positionOf(sequence: string | null): string {
  return sequence !== null && /^[0-9]{1,100}$/.test(sequence) ? sequence : '0';
}

/**
 * The time of a reply until its platform reports it: in the platform's time step, and not before the message it
 * answers.
 */
export function timeOfReply(
  { channel, lastInboundAt }: { readonly channel: string; readonly lastInboundAt: Date | null },
  now: Date,
): Date {
  const { timeStepMs } = capabilitiesOf(channel);
  // Our finer clock must not make the reply newer than the buyer's answer of the same second, and a platform clock
  // ahead of ours must not make it older than the message it answers.
  const stepMs = now.getTime() - (now.getTime() % timeStepMs);
  return new Date(Math.max(stepMs, lastInboundAt?.getTime() ?? 0));
}

/** The input of a reply: exactly one of the four, or files with or without text. */
export interface ReplyInput {
  readonly attachments?: readonly NamedFile[];
  readonly text?: string | null | undefined;
  readonly imageUrl?: string | null | undefined;
  readonly externalOrderId?: string | null | undefined;
  readonly externalProductId?: string | null | undefined;
}

const urlCharactersMax = 2_048;
const externalIdCharactersMax = 200;

/** The longest text that any channel allows. */
const textCharactersMax = Math.max(...channels.map((channel) => capabilitiesOf(channel).textCharactersMax));

type Contents = readonly [MessageContent, ...MessageContent[]];

/** Decodes a reply into its messages; whether the channel can send them is checked separately. */
export function replyContents(
  channel: string,
  input: ReplyInput,
): Decision<Contents, 'INVALID_INPUT' | 'NOT_FOUND' | 'TEXT_TOO_LONG'> {
  const { attachments = [], text = null, imageUrl, externalOrderId, externalProductId } = input;
  if (attachments.length === 0) {
    const content = replyContent(input);
    return content.ok ? accept([content.value]) : content;
  }
  if ([imageUrl, externalOrderId, externalProductId].some((value) => value !== null && value !== undefined))
    return refuse(
      'INVALID_INPUT',
      'attachments',
      'Files are sent with text or alone: send the other in a second message.',
    );
  const files = decideFiles(attachments);
  if (!files.ok) return files;
  const words = text === null ? null : textContent(text);
  if (words?.ok === false) return words;
  return contentsOfFiles(channel, files.value, words?.value ?? null);
}

/** Decodes a reply; whether the channel can send it is checked separately. */
export function replyContent(input: ReplyInput): Decision<MessageContent, 'INVALID_INPUT' | 'TEXT_TOO_LONG'> {
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
  if (typeof text === 'string') return textContent(text);
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

function textContent(text: string): Decision<MessageContent, 'INVALID_INPUT' | 'TEXT_TOO_LONG'> {
  const { length } = text;
  if (length > textCharactersMax) {
    const message = `The text has ${length} characters, no channel takes more than ${textCharactersMax}: shorten or split it.`;
    return refuse('TEXT_TOO_LONG', 'text', message);
  }
  return refuseText('text', text, textCharactersMax) ?? accept({ kind: 'text', text });
}

function hasUser(address: string): boolean {
  const { username, password } = new URL(address);
  return username !== '' || password !== '';
}

function imageContent(imageUrl: string): Decision<MessageContent, 'INVALID_INPUT'> {
  const refusal = refuseText('imageUrl', imageUrl, urlCharactersMax);
  if (refusal !== null) return refusal;
  const url = webAddress(imageUrl);
  if (url?.startsWith('https:') !== true || url.length > urlCharactersMax || hasUser(imageUrl)) {
    const message = `imageUrl must be an https address without user name, of at most ${urlCharactersMax} characters when encoded: platforms fetch pictures from there.`;
    return refuse('INVALID_INPUT', 'imageUrl', message);
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

const fieldOfKind: Readonly<Partial<Record<MessageContent['kind'], string>>> = {
  image: 'imageUrl',
  order: 'externalOrderId',
  product: 'externalProductId',
};

/** Refuses a reply that the channel would not accept; null when its capability record allows the reply. */
export function refuseSending(
  { channel, lastInboundAt }: { readonly channel: string; readonly lastInboundAt: Date | null },
  content: MessageContent,
  now: Date,
): Refused<'FILE_TOO_LARGE' | 'KIND_NOT_SUPPORTED' | 'TEXT_TOO_LONG' | 'WINDOW_CLOSED'> | null {
  const problem = findSendProblem(capabilitiesOf(channel), { content, lastInboundAt }, now);
  if (problem === null) return null;
  const field = problem.code === 'WINDOW_CLOSED' ? 'conversationId' : (fieldOfKind[content.kind] ?? 'text');
  return refuse(problem.code, 'uploadId' in content ? 'attachments' : field, problem.message);
}
