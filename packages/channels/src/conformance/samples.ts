import type { MessageContent, MessageKind } from '@crossdesk/contracts';
import type {
  ChannelAccount,
  OutgoingMessage,
  PlatformRequest,
  PlatformResponse,
  WebhookRequest,
} from '../port/index.ts';

/** Recorded deliveries and answers of one platform: one part for each facet that needs them, null for one it lacks. */
export interface ChannelSamples {
  readonly account: ChannelAccount;
  readonly webhooks: WebhookSamples | null;
  readonly sending: SendingSamples | null;
}

/** Real deliveries and what is needed to sign others like them. */
export interface WebhookSamples {
  /** Signs any body as the platform does, with the current secret and fixed times and ids. */
  readonly sign: (rawBody: Uint8Array) => WebhookRequest;
  readonly signatureHeader: string;
  /** The credential that signs; `<name>_previous` is its predecessor. */
  readonly signingCredential: string;
  /** Bodies with a message, at least one for each kind the channel receives. */
  readonly messages: readonly { readonly kind: MessageKind; readonly body: string }[];
  /** A message of a kind the platform invents tomorrow. */
  readonly unknownKind: { readonly platformKind: string; readonly body: string };
  /** Bodies without a message: receipts, orders, account notices, what is ignored. */
  readonly others: readonly string[];
  readonly unparsable: readonly string[];
  /** A body with a message for another account of the same app; null where a delivery never names its account. */
  readonly ofAnotherAccount: { readonly externalAccountId: string; readonly body: string } | null;
}

export interface SendingSamples {
  readonly outgoing: Pick<OutgoingMessage, 'externalThreadId' | 'buyer'>;
  /** Contents to send instead of the plain ones of the suite, where the platform is particular about ids. */
  readonly contents: readonly MessageContent[];
  /** Answers the calls of a successful send. */
  readonly answerSend: (request: PlatformRequest) => PlatformResponse;
}

export function firstMessage({ messages: [first] }: WebhookSamples): string {
  if (first === undefined) throw new Error('give the conformance suite at least one sample message');
  return first.body;
}

export function encode(body: string): Uint8Array {
  return new TextEncoder().encode(body);
}
