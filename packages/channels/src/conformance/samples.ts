import type { MessageContent, MessageKind } from '@crossdesk/contracts';
import type {
  ChannelAccount,
  OutgoingMessage,
  PlatformRequest,
  PlatformResponse,
  WebhookRequest,
} from '../port/index.ts';
import type { Mutation } from './mutations.ts';

/** Recorded deliveries and answers of one platform: one part for each facet that needs them, null without the facet. */
export interface ChannelSamples {
  readonly account: ChannelAccount;
  readonly webhooks: WebhookSamples | null;
  readonly sending: SendingSamples | null;
}

/** What a signature may depend on besides the body. */
export interface Signing {
  readonly webhookUrl: string;
  readonly at: Date;
}

/** Real deliveries, and what is needed to sign similar ones. */
export interface WebhookSamples {
  /** Signs any body as the platform does, with the secret of the account. Without `to`, times and ids are always the same. */
  readonly sign: (rawBody: Uint8Array, to?: Signing) => WebhookRequest;
  readonly signatureHeader: string;
  /** The credential that signs; `<name>_previous` is its predecessor. */
  readonly signingCredential: string;
  /** Bodies with a message, at least one for each kind the channel receives. */
  readonly messages: readonly { readonly kind: MessageKind; readonly body: string }[];
  /** How a body is changed in one place at a time, if it is not JSON. */
  readonly mutationsOf?: (body: string) => Iterable<Mutation>;
  /** A message of a kind that the platform may add later. */
  readonly unknownKind: { readonly platformKind: string; readonly body: string };
  /** Further bodies: receipts, orders, account notices, ignored deliveries, and messages of other shapes. */
  readonly others: readonly string[];
  readonly unparsable: readonly string[];
  /** A body with a message for another account of the same app; null if deliveries never name their account. */
  readonly ofAnotherAccount: { readonly externalAccountId: string; readonly body: string } | null;
}

export interface SendingSamples {
  readonly outgoing: Pick<OutgoingMessage, 'externalThreadId' | 'buyer'>;
  /** Contents to send instead of those of the suite, for platforms that need ids of a certain form. */
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
