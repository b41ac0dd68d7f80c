import type {
  Buyer,
  Capabilities,
  Channel,
  ChannelAccountId,
  DeliveryFailure,
  DeliveryStatus,
  MessageContent,
  MessageId,
  PlatformOrder,
  TenantId,
} from '@crossdesk/contracts';

/** A channel account with its secrets opened: exists only while a call is made, never stored or logged. */
export interface ChannelAccount {
  readonly id: ChannelAccountId;
  readonly tenantId: TenantId;
  readonly channel: Channel;
  /** Shop id, phone number id, or the name of a generic channel. */
  readonly externalAccountId: string;
  /** The exact callback address registered at the platform; Shopee signs it. */
  readonly webhookUrl: string;
  /** `api` always; `auth` where the platform refreshes tokens at another host. */
  readonly baseUrls: { readonly api: string; readonly auth: string };
  readonly credentials: Credentials;
}

/** Values by field name, as declared in `ChannelAdapter.credentialFields`. */
export type Credentials = Readonly<Record<string, string>>;

export interface CredentialField {
  readonly name: string;
  readonly label: string;
  readonly isRequired: boolean;
  /** Where the seller finds it at the platform. */
  readonly hint: string;
}

export interface WebhookRequest {
  readonly method: 'GET' | 'POST';
  /** Names in lower case. A header that came more than once is joined with ", ". */
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly rawBody: Uint8Array;
  readonly receivedAt: Date;
}

export type Verification =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: 'MISSING_SIGNATURE' | 'BAD_SIGNATURE' | 'STALE_TIMESTAMP' };

export interface WebhookAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** A message in our words, before it has ids of ours. */
export interface NormalisedMessage {
  readonly externalThreadId: string;
  readonly externalMessageId: string;
  /** outbound = the seller's side wrote it: our own send coming back, or somebody in the platform's console. */
  readonly direction: 'inbound' | 'outbound';
  readonly author: 'buyer' | 'seller' | 'bot' | 'system';
  /** The buyer of the thread, also on an outbound message. */
  readonly buyer: Buyer;
  readonly content: MessageContent;
  readonly occurredAt: Date;
  /** The platform's own order within the thread, comparable as decimal text of any length; null where it has none. */
  readonly sequence: string | null;
  readonly replyToExternalId: string | null;
  readonly externalOrderIds: readonly string[];
  /** The JSON of this one message as the platform sent it, kept in the raw archive. */
  readonly raw: string;
}

/** One thing a platform tells. A delivery may carry several. */
export type Fact =
  | { readonly type: 'message'; readonly message: NormalisedMessage }
  | {
      readonly type: 'receipt';
      /** Platform id of the outgoing message; null when only the client reference is known. */
      readonly externalMessageId: string | null;
      /** Our message id where the platform carries it back (WhatsApp biz_opaque_callback_data). */
      readonly clientReference: string | null;
      readonly status: Extract<DeliveryStatus, 'sent' | 'delivered' | 'read' | 'failed'>;
      readonly failure: DeliveryFailure | null;
      readonly detail: string | null;
      readonly occurredAt: Date;
    }
  | { readonly type: 'order'; readonly order: PlatformOrder }
  /** An order changed, the push does not say how: it has to be fetched. */
  | { readonly type: 'order-hint'; readonly externalOrderId: string }
  | {
      readonly type: 'account';
      readonly status: 'connected' | 'reauthorise' | 'disabled';
      readonly reason: string;
    }
  /** Valid but without meaning for customer service. */
  | { readonly type: 'ignored'; readonly platformKind: string };

export interface ParsedDelivery {
  /** Equal for every repetition of one delivery; at most 200 characters. */
  readonly deliveryKey: string;
  readonly facts: readonly Fact[];
}

/** Thrown by `parse` for a signed body that makes no sense: it is stored, parked and shown, never lost. */
export class UnparsableDelivery extends Error {
  override name = 'UnparsableDelivery';
}

export interface PlatformRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** Makes the body a form with this one file; `body` is null then. */
  readonly file?: FormFile;
}

export interface FormFile {
  readonly field: string;
  readonly picture: Picture;
}

/** A picture that was fetched and found to be one. */
export interface Picture {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly mimeType: string;
}

export interface PlatformResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Thrown by the platform client. `mayHaveExecuted` is false only when the request certainly never left. */
export class PlatformCallError extends Error {
  override name = 'PlatformCallError';
  readonly mayHaveExecuted: boolean;
  constructor(message: string, mayHaveExecuted: boolean, options?: ErrorOptions) {
    super(message, options);
    this.mayHaveExecuted = mayHaveExecuted;
  }
}

/** What an adapter gets to make calls with: one client with time-outs and size limits, and the clock. */
export interface PlatformContext {
  readonly account: ChannelAccount;
  readonly call: (request: PlatformRequest) => Promise<PlatformResponse>;
  readonly now: () => Date;
}

/** One reply to deliver. `messageId` never changes between attempts: the key for platforms that take one. */
export interface OutgoingMessage {
  readonly messageId: MessageId;
  readonly externalThreadId: string;
  readonly buyer: Buyer;
  readonly content: MessageContent;
  /** The picture of the content as the platform keeps it, for channels with `uploadPicture`. */
  readonly upload: UploadedPicture | null;
}

/** What a platform gave back for a picture. */
export interface UploadedPicture {
  readonly url: string;
  readonly width: number | null;
  readonly height: number | null;
}

/** Where a platform puts a message: its time, and its own order within the thread as in `NormalisedMessage`. */
export interface PlatformPosition {
  readonly occurredAt: Date;
  readonly sequence: string | null;
}

export type SendOutcome =
  | {
      readonly status: 'accepted';
      readonly externalMessageId: string | null;
      /** Where the answer tells it. */
      readonly position?: PlatformPosition;
    }
  /** The platform refused for good. */
  | { readonly status: 'rejected'; readonly failure: DeliveryFailure; readonly detail: string }
  /** The platform certainly did not execute and may be asked again, not before the pause is over. */
  | { readonly status: 'retry'; readonly afterMs: number; readonly detail: string }
  /** The platform takes nothing more from this account before the pause is over: it says nothing of this message. */
  | { readonly status: 'limited'; readonly afterMs: number; readonly detail: string }
  /** The token is expired or refused: refresh once, then try again. Certainly not executed. */
  | { readonly status: 'unauthorised'; readonly detail: string }
  /** May or may not have been executed. */
  | { readonly status: 'unknown'; readonly detail: string };

/** An upload changes nothing that the buyer sees: whatever came of it, it may be made again. */
export type UploadOutcome =
  | { readonly status: 'uploaded'; readonly picture: UploadedPicture }
  | Exclude<SendOutcome, { readonly status: 'accepted' | 'unknown' }>;

/** A page of a platform's list. `cursor` is opaque, stored as it is; `hasMore` asks for the next page at once. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly cursor: string;
  readonly hasMore: boolean;
}

/** Thrown by fetches when the platform answers with an error. */
export class PlatformRefusal extends Error {
  override name = 'PlatformRefusal';
  readonly kind: 'unauthorised' | 'rate-limited' | 'unavailable' | 'permanent';
  readonly retryAfterMs: number | null;
  constructor(kind: PlatformRefusal['kind'], detail: string, retryAfterMs: number | null = null) {
    super(detail);
    this.kind = kind;
    this.retryAfterMs = retryAfterMs;
  }
}

/**
 * One platform behind one interface. Adapters are pure but for `context.call`: they hold no state, open no socket and
 * know no database, so that the conformance suite can prove each of them.
 */
export interface ChannelAdapter {
  readonly channel: Channel;
  readonly capabilities: Capabilities;
  readonly credentialFields: readonly CredentialField[];
  readonly defaultBaseUrls: { readonly api: string; readonly auth: string };
  /** What the seller has to enter at the platform, in order, for people. */
  setupSteps(account: { webhookUrl: string; credentials: Credentials }): readonly string[];
  /** Answers the platform's address check; null when this request is no handshake. */
  handshake(account: ChannelAccount, request: WebhookRequest): WebhookAnswer | null;
  /** Checks the signature over the raw bytes, in constant time. Never throws. */
  verify(account: ChannelAccount, request: WebhookRequest): Verification;
  /** @throws UnparsableDelivery */
  parse(account: ChannelAccount, request: WebhookRequest): ParsedDelivery;
  /** Delivers one reply. Throws PlatformCallError only. */
  send(context: PlatformContext, message: OutgoingMessage): Promise<SendOutcome>;
  /** Gives a picture to the platform before it is sent; null where pictures go by their address. Throws PlatformCallError only. */
  readonly uploadPicture: ((context: PlatformContext, picture: Picture) => Promise<UploadOutcome>) | null;
  /** The latest messages of a thread since an instant, newest page first is fine. Throws PlatformRefusal, PlatformCallError. */
  listThread(context: PlatformContext, externalThreadId: string, since: Date): Promise<readonly NormalisedMessage[]>;
  /** Messages changed since the cursor ("" = the last day), for what the push lost. */
  listMessages(context: PlatformContext, cursor: string): Promise<Page<NormalisedMessage>>;
  /** Orders changed since the cursor ("" = the last 15 days). */
  listOrders(context: PlatformContext, cursor: string): Promise<Page<PlatformOrder>>;
  fetchOrder(context: PlatformContext, externalOrderId: string): Promise<PlatformOrder | null>;
  /** What the platform knows of the buyer of a thread beyond his messages; null where there is nothing to ask. */
  fetchBuyer(context: PlatformContext, externalThreadId: string): Promise<Buyer | null>;
  /** When the access token ends; null for tokens without an end. */
  credentialsExpireAt(credentials: Credentials): Date | null;
  /** New credentials, to be saved before their first use. Throws PlatformRefusal('permanent') when a person must authorise anew. */
  refreshCredentials(context: PlatformContext): Promise<Credentials>;
}
