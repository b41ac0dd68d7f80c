import type { Channel } from '@crossdesk/channels';
import type { AuthorisationLoss, HttpMethod, IgnoredReason, NormalisedMessage } from '@crossdesk/channels/adapters';
import type {
  AgentId,
  Buyer,
  ChannelAccountId,
  ConversationId,
  DeliveryFailure,
  DeliveryStatus,
  ErasedRows,
  ErasureId,
  EventId,
  EventType,
  FeedbackId,
  MediaFailure,
  MediaState,
  MessageChange,
  MessageContent,
  MessageId,
  MessageSide,
  NoteId,
  OrderId,
  PlatformOrder,
  TenantId,
  UploadId,
  WebhookEndpointId,
} from '@crossdesk/contracts';
import type { Narrowed } from '@crossdesk/service-kit';
import type { JSONColumnType, Selectable, Transaction } from 'kysely';
import type { ChannelAppId, ResyncId, WebhookAddressId } from './ids.ts';
import type { MediaKind, MediaSource } from './media/media.domain.ts';
import type { FileKind } from './upload/file-types.domain.ts';
import type { UploadPurpose, UploadRefusal } from './upload/upload.domain.ts';
import type * as table from './db.generated.ts';

/** A change whose message is not known yet. */
export interface WaitingChange {
  readonly by: MessageSide;
  readonly change: MessageChange;
  readonly occurredAt: string;
  readonly traceparent: string | null;
}

/**
 * The tables of this service, with the id types and closed sets of values that their keys and check constraints
 * guarantee.
 */
export interface DB {
  channel_app: Narrowed<table.ChannelAppTable, { tenant_id: TenantId; id: ChannelAppId; channel: Channel }>;
  channel_account: Narrowed<
    table.ChannelAccountTable,
    {
      tenant_id: TenantId;
      id: ChannelAccountId;
      channel: Channel;
      app_id: ChannelAppId | null;
      status: 'connected' | 'reauthorise' | 'disabled';
      loss: AuthorisationLoss | null;
    }
  >;
  authorisation_request: Narrowed<
    table.AuthorisationRequestTable,
    { tenant_id: TenantId; app_id: ChannelAppId; requested_by: AgentId }
  >;
  consent_end: Narrowed<table.ConsentEndTable, { tenant_id: TenantId; account_id: ChannelAccountId }>;
  send_pause: Narrowed<
    table.SendPauseTable,
    { tenant_id: TenantId; account_id: ChannelAccountId; reason: 'holiday' | 'banned' }
  >;
  resync: Narrowed<
    table.ResyncTable,
    { tenant_id: TenantId; id: ResyncId; account_id: ChannelAccountId; reason: 'person' | 'connected' | 'gap' }
  >;
  resync_part: Narrowed<
    table.ResyncPartTable,
    {
      tenant_id: TenantId;
      resync_id: ResyncId;
      account_id: ChannelAccountId;
      kind: 'messages' | 'orders';
      state: 'running' | 'done' | 'failed';
    }
  >;
  sync_cursor: Narrowed<
    table.SyncCursorTable,
    { tenant_id: TenantId; account_id: ChannelAccountId; kind: 'messages' | 'orders' }
  >;
  webhook_receipt: Narrowed<table.WebhookReceiptTable, { tenant_id: TenantId; address_id: WebhookAddressId }>;
  webhook_refusal: Narrowed<
    table.WebhookRefusalTable,
    {
      tenant_id: TenantId;
      address_id: WebhookAddressId;
      reason: 'MISSING_SIGNATURE' | 'BAD_SIGNATURE' | 'STALE_TIMESTAMP';
    }
  >;
  raw_payload: Narrowed<table.RawPayloadTable, { tenant_id: TenantId; address_id: WebhookAddressId }>;
  raw_subject: Narrowed<
    table.RawSubjectTable,
    { tenant_id: TenantId; account_id: ChannelAccountId; kind: 'thread' | 'order' | 'feedback' }
  >;
  parked_webhook: Narrowed<
    table.ParkedWebhookTable,
    {
      tenant_id: TenantId;
      address_id: WebhookAddressId;
      channel: Channel;
      source: 'webhook' | 'messages' | 'orders';
      method: HttpMethod;
      headers: JSONColumnType<Record<string, string>>;
      query: JSONColumnType<Record<string, string>>;
    }
  >;
  ignored_event: Narrowed<
    table.IgnoredEventTable,
    {
      tenant_id: TenantId;
      address_id: WebhookAddressId;
      channel: Channel;
      reason: IgnoredReason | 'unused' | 'not_connected' | 'id_reused';
    }
  >;
  thread: Narrowed<
    table.ThreadTable,
    {
      tenant_id: TenantId;
      account_id: ChannelAccountId;
      conversation_id: ConversationId;
      joined_into: ConversationId | null;
      buyer: JSONColumnType<Buyer>;
    }
  >;
  thread_alias: Narrowed<
    table.ThreadAliasTable,
    { tenant_id: TenantId; account_id: ChannelAccountId; conversation_id: ConversationId }
  >;
  inbound_message: Narrowed<
    table.InboundMessageTable,
    { tenant_id: TenantId; account_id: ChannelAccountId; message_id: MessageId; conversation_id: ConversationId }
  >;
  held_message: Narrowed<
    table.HeldMessageTable,
    {
      tenant_id: TenantId;
      account_id: ChannelAccountId;
      conversation_id: ConversationId;
      message: JSONColumnType<Omit<NormalisedMessage, 'occurredAt'>>;
    }
  >;
  message_change: Narrowed<
    table.MessageChangeTable,
    {
      tenant_id: TenantId;
      account_id: ChannelAccountId;
      conversation_id: ConversationId;
      waiting: JSONColumnType<WaitingChange> | null;
    }
  >;
  customer_order: Narrowed<
    table.CustomerOrderTable,
    {
      tenant_id: TenantId;
      order_id: OrderId;
      account_id: ChannelAccountId;
      channel: Channel;
      snapshot: JSONColumnType<PlatformOrder>;
    }
  >;
  long_id: Narrowed<table.LongIdTable, { tenant_id: TenantId; account_id: ChannelAccountId }>;
  platform_feedback: Narrowed<
    table.PlatformFeedbackTable,
    { tenant_id: TenantId; id: FeedbackId; account_id: ChannelAccountId }
  >;
  order_fetch: Narrowed<table.OrderFetchTable, { tenant_id: TenantId; account_id: ChannelAccountId }>;
  delivery_intent: Narrowed<
    table.DeliveryIntentTable,
    {
      tenant_id: TenantId;
      message_id: MessageId;
      conversation_id: ConversationId;
      account_id: ChannelAccountId;
      content: JSONColumnType<MessageContent>;
      status: DeliveryStatus | 'sending';
      failure: DeliveryFailure | null;
    }
  >;
  media: Narrowed<
    table.MediaTable,
    {
      tenant_id: TenantId;
      message_id: MessageId;
      conversation_id: ConversationId;
      account_id: ChannelAccountId;
      kind: MediaKind;
      source: JSONColumnType<MediaSource>;
      state: MediaState | 'erased';
      failure: MediaFailure | null;
      upload_id: UploadId | null;
      note_id: NoteId | null;
    }
  >;
  upload: Narrowed<
    table.UploadTable,
    {
      tenant_id: TenantId;
      id: UploadId;
      purpose: UploadPurpose;
      state: 'waiting' | 'storing' | 'ready' | 'refused' | 'dropping';
      refusal: UploadRefusal | null;
      kind: FileKind | null;
    }
  >;
  media_usage: Narrowed<table.MediaUsageTable, { tenant_id: TenantId }>;
  send_quota: Narrowed<table.SendQuotaTable, { tenant_id: TenantId; account_id: ChannelAccountId }>;
  webhook_endpoint: Narrowed<
    table.WebhookEndpointTable,
    { tenant_id: TenantId; id: WebhookEndpointId; account_ids: ChannelAccountId[] }
  >;
  webhook_event: Narrowed<
    table.WebhookEventTable,
    { tenant_id: TenantId; event_id: EventId; type: EventType; account_id: ChannelAccountId | null }
  >;
  webhook_delivery: Narrowed<
    table.WebhookDeliveryTable,
    {
      tenant_id: TenantId;
      endpoint_id: WebhookEndpointId;
      event_id: EventId;
      state: 'pending' | 'delivered' | 'dead';
    }
  >;
  webhook_lane: Narrowed<table.WebhookLaneTable, { tenant_id: TenantId; endpoint_id: WebhookEndpointId }>;
  webhook_erasure: Narrowed<table.WebhookErasureTable, { tenant_id: TenantId }>;
  erasing: Narrowed<
    table.ErasingTable,
    {
      tenant_id: TenantId;
      conversation_id: ConversationId;
      erasure_id: ErasureId;
      erased_rows: JSONColumnType<ErasedRows>;
    }
  >;
}

export type Trx = Transaction<DB>;
/** A row of a table as it is read. */
export type Row<Table extends keyof DB> = Selectable<DB[Table]>;
