import type {
  Buyer,
  DeliveryFailure,
  DeliveryStatus,
  MessageChange,
  MessageContent,
  MessageContext,
  MessageSide,
  PlatformFeedback,
  PlatformOrder,
} from '@crossdesk/contracts';
import type { Credentials } from './account.port.ts';
import type { PlatformContext } from './platform.port.ts';

export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface WebhookRequest {
  /** HEAD and OPTIONS never reach an adapter. */
  readonly method: HttpMethod;
  /** Names in lower case. The values of a repeated header are joined with ", ". */
  readonly headers: Readonly<Record<string, string>>;
  /** A repeated name has its last value. */
  readonly query: Readonly<Record<string, string>>;
  readonly rawBody: Uint8Array;
  readonly receivedAt: Date;
}

/** An address that a platform delivers to. */
export interface WebhookAddress {
  /** The exact address registered at the platform; some platforms sign it. */
  readonly webhookUrl: string;
  readonly credentials: Credentials;
  /** The account of the address; null for the address of an app, which receives the deliveries of all its accounts. */
  readonly externalAccountId: string | null;
}

export type Verification =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: 'MISSING_SIGNATURE' | 'BAD_SIGNATURE' | 'STALE_TIMESTAMP' };

export interface WebhookAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string | Uint8Array;
}

/** An id by which a platform names a thread. */
export interface ThreadAlias {
  /** Ids of one channel that could be confused, such as numbers of chats and of buyers, begin with their kind. */
  readonly id: string;
  /**
   * `own`: never given to anybody else, such as a user id. `lent`: may be given to somebody else later, such as a phone
   * number. `held`: a lent id that the platform says this buyer had until now. `taken`: one they have from now on.
   */
  readonly standing: 'own' | 'lent' | 'held' | 'taken';
}

/** A message in our format, before it has our ids. */
export interface NormalisedMessage {
  /** Replies go to this id. */
  readonly externalThreadId: string;
  /**
   * All ids of the thread that the message tells, `externalThreadId` among them; absent if that is the only one. Two
   * threads that a message names together are joined.
   */
  readonly threadAliases?: readonly ThreadAlias[];
  readonly externalMessageId: string;
  /** outbound = from the seller's side: the echo of our own send, or a message from the platform's console. */
  readonly direction: 'inbound' | 'outbound';
  readonly author: 'buyer' | 'seller' | 'bot' | 'system';
  /** The buyer of the thread, also on an outbound message. The phone as the platform writes it, with + if international. */
  readonly buyer: Buyer;
  readonly content: MessageContent;
  /** Present if the platform tells more about the message than its content. */
  readonly context?: MessageContext;
  readonly occurredAt: Date;
  /** The platform's order within the thread, comparable as decimal text of any length; null if it has none. */
  readonly sequence: string | null;
  readonly replyToExternalId: string | null;
  readonly externalOrderIds: readonly string[];
  /** The JSON of this one message as the platform sent it, kept in the raw archive. */
  readonly raw: string;
}

/** A reaction, an edit or a deletion of a message; it never becomes a message. */
export interface NormalisedChange {
  readonly externalThreadId: string;
  /** As in a message. */
  readonly threadAliases?: readonly ThreadAlias[];
  /** The message that changed; it may arrive later than the change. */
  readonly externalMessageId: string;
  readonly by: MessageSide;
  /** The buyer of the thread, also if the seller changed the message. */
  readonly buyer: Buyer;
  readonly change: MessageChange;
  readonly occurredAt: Date;
}

/** One fact from a platform. A delivery may contain several. */
export type Fact = FactBody & {
  /** The account of the fact, if it is not the account of the address: one address may serve several accounts. */
  readonly externalAccountId?: string;
  /** The element of the body that it was read from, as keys joined with "."; absent if the body is one element. */
  readonly at?: string;
};

type FactBody =
  | {
      readonly type: 'message';
      readonly message: NormalisedMessage;
      /** How the message is recorded if it was the only element of the body that could not be read, and now can. */
      readonly alone?: NormalisedMessage;
    }
  | { readonly type: 'change'; readonly change: NormalisedChange }
  | {
      readonly type: 'receipt';
      /** The platform id of the outgoing message; null when only the client reference is known. */
      readonly externalMessageId: string | null;
      /** Our message id, if the platform sends it back (WhatsApp biz_opaque_callback_data). */
      readonly clientReference: string | null;
      readonly status: Extract<DeliveryStatus, 'sent' | 'delivered' | 'read' | 'failed'>;
      readonly failure: DeliveryFailure | null;
      readonly detail: string | null;
      readonly occurredAt: Date;
    }
  | { readonly type: 'order'; readonly order: PlatformOrder }
  | { readonly type: 'feedback'; readonly feedback: PlatformFeedback }
  /** An order changed, but the push does not say how: it has to be fetched. */
  | { readonly type: 'order-hint'; readonly externalOrderId: string }
  /** There are messages that the push does not tell: the account's messages have to be listed. */
  | { readonly type: 'messages-hint' }
  | {
      readonly type: 'account';
      readonly status: 'connected' | 'reauthorise' | 'disabled';
      readonly reason: string;
      /** Why a person has to authorise again, if the platform tells it. */
      readonly loss?: AuthorisationLoss;
      /** What the platform says of the seller's consent: that it ends at this time at the latest, or that it was given again. */
      readonly consent?: { readonly endsBy: Date } | 'renewed';
    }
  /** Valid, and shown nowhere but as a number. No reason: it has no meaning for customer service. */
  | { readonly type: 'ignored'; readonly platformKind: string; readonly reason?: IgnoredReason }
  /** The element cannot be read. The elements beside it are facts of their own. */
  | { readonly type: 'unreadable'; readonly reason: string };

/**
 * How an authorisation was lost: its time is over, the seller took it back, the platform closed or froze the store, or it
 * refuses the token for another reason.
 */
export const authorisationLosses = ['expired', 'revoked', 'banned', 'refused'] as const;
export type AuthorisationLoss = (typeof authorisationLosses)[number];

/**
 * Why a valid part of a delivery is not shown: a group has no single buyer to answer; `history` is what was said before the
 * account was connected; `other_app`: another app answers; `hidden`: the platform shows it to nobody; `console`: the
 * seller did it in the platform's console; `error`: the platform reports an error that belongs to no message; `unnamed`: it
 * names no account.
 */
export type IgnoredReason = 'group' | 'history' | 'other_app' | 'hidden' | 'console' | 'error' | 'unnamed';

export interface ParsedDelivery {
  /** The same for every repetition of a delivery; at most 200 characters. */
  readonly deliveryKey: string;
  readonly facts: readonly Fact[];
}

/** A page of deliveries that wait. The cursor is opaque; `hasMore` asks for the next page at once. */
export interface WaitingDeliveries {
  readonly deliveries: readonly { readonly body: Uint8Array; readonly receivedAt: Date }[];
  readonly cursor: string;
  readonly hasMore: boolean;
}

/** The pushes of a platform. */
export interface Webhooks {
  /** The methods of deliveries. A request with another method that is no handshake is refused with 405. */
  readonly methods: readonly HttpMethod[];
  /** Answers the platform's check of an address; null when the request is not such a check. */
  handshake(address: WebhookAddress, request: WebhookRequest): WebhookAnswer | null;
  /** Checks the signature over the raw bytes, in constant time. Resolves for every request. */
  verify(address: WebhookAddress, request: WebhookRequest): Promise<Verification>;
  /**
   * Reads a body element by element: a promise where the reader of the format gives one.
   * @throws UnparsableDelivery when nothing of it can be read
   */
  parse(address: WebhookAddress, request: WebhookRequest): ParsedDelivery | Promise<ParsedDelivery>;
  /**
   * Fetches deliveries that wait at the platform instead of being posted, such as the mails of a mailbox; absent if there are
   * none. They are read by `parse` and need no signature. `cursor` is "" at first. @throws PlatformRefusal, PlatformCallError
   */
  readonly waiting?: (context: PlatformContext, cursor: string) => Promise<WaitingDeliveries>;
  /** The answer that the platform expects after a delivery is stored; null = 200 with an empty body. */
  readonly acknowledgement: WebhookAnswer | null;
}
