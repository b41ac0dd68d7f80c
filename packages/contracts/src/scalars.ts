import { Kind, type Static, type TSchema, Type, TypeRegistry } from '@sinclair/typebox';
import type {
  AgentId,
  ArticleId,
  CalendarId,
  CampaignId,
  CaseId,
  BulkJobId,
  ChannelAccountId,
  ConversationId,
  CustomerId,
  DecisionId,
  MergeDecisionId,
  ErasureId,
  FeedbackId,
  FollowUpId,
  EventId,
  MessageId,
  NoteId,
  NotificationId,
  RegroupingId,
  OrderId,
  RuleId,
  SegmentId,
  ShiftId,
  SlaPolicyId,
  SurveyPolicyId,
  TeamId,
  TemplateId,
  TemplateVariantId,
  TenantId,
  UploadId,
  WebhookEndpointId,
  RoleId,
  TagRuleId,
} from './ids.ts';

const uuid = Type.String({ format: 'uuid' });

export const TenantIdSchema = Type.Unsafe<TenantId>(uuid);
export const EventIdSchema = Type.Unsafe<EventId>(uuid);
export const RoleIdSchema = Type.Unsafe<RoleId>(uuid);
export const AgentIdSchema = Type.Unsafe<AgentId>(uuid);
export const TeamIdSchema = Type.Unsafe<TeamId>(uuid);
export const ChannelAccountIdSchema = Type.Unsafe<ChannelAccountId>(uuid);
export const ConversationIdSchema = Type.Unsafe<ConversationId>(uuid);
export const MessageIdSchema = Type.Unsafe<MessageId>(uuid);
export const NoteIdSchema = Type.Unsafe<NoteId>(uuid);
export const UploadIdSchema = Type.Unsafe<UploadId>(uuid);
export const CustomerIdSchema = Type.Unsafe<CustomerId>(uuid);
export const OrderIdSchema = Type.Unsafe<OrderId>(uuid);
export const ErasureIdSchema = Type.Unsafe<ErasureId>(uuid);
export const RuleIdSchema = Type.Unsafe<RuleId>(uuid);
export const DecisionIdSchema = Type.Unsafe<DecisionId>(uuid);
export const MergeDecisionIdSchema = Type.Unsafe<MergeDecisionId>(uuid);
export const TemplateIdSchema = Type.Unsafe<TemplateId>(uuid);
export const ArticleIdSchema = Type.Unsafe<ArticleId>(uuid);
export const CalendarIdSchema = Type.Unsafe<CalendarId>(uuid);
export const CaseIdSchema = Type.Unsafe<CaseId>(uuid);
export const NotificationIdSchema = Type.Unsafe<NotificationId>(uuid);
export const RegroupingIdSchema = Type.Unsafe<RegroupingId>(uuid);
export const FollowUpIdSchema = Type.Unsafe<FollowUpId>(uuid);
export const FeedbackIdSchema = Type.Unsafe<FeedbackId>(uuid);
export const SegmentIdSchema = Type.Unsafe<SegmentId>(uuid);
export const CampaignIdSchema = Type.Unsafe<CampaignId>(uuid);
export const BulkJobIdSchema = Type.Unsafe<BulkJobId>(uuid);
export const ShiftIdSchema = Type.Unsafe<ShiftId>(uuid);
export const SlaPolicyIdSchema = Type.Unsafe<SlaPolicyId>(uuid);
export const SurveyPolicyIdSchema = Type.Unsafe<SurveyPolicyId>(uuid);
export const TemplateVariantIdSchema = Type.Unsafe<TemplateVariantId>(uuid);
export const TagRuleIdSchema = Type.Unsafe<TagRuleId>(uuid);
export const WebhookEndpointIdSchema = Type.Unsafe<WebhookEndpointId>(uuid);

/** A UTC instant, ISO 8601 with milliseconds: 2026-01-02T03:04:05.678Z. */
export const Instant = instant('UTC instant, ISO 8601 with milliseconds');

/** An instant with a description. */
export function instant(description: string) {
  return Type.String({ format: 'date-time', description });
}

/** An amount in the minor unit of its currency (cents for USD, yen for JPY), as decimal text because it is 64 bits wide. */
export const Money = Type.Object(
  {
    amountMinor: Type.String({ pattern: '^-?[0-9]{1,18}$', description: 'minor units, decimal text' }),
    currency: Type.String({ pattern: '^[A-Z]{3}$', description: 'ISO 4217' }),
  },
  { description: 'An amount in the minor unit of its currency' },
);

/** The number of overwritten rows, by table. */
export const ErasedRowsSchema = Type.Array(Type.Object({ table: Type.String(), count: Type.Integer({ minimum: 0 }) }), {
  description: 'rows overwritten, by table',
});

export type ErasedRows = Static<typeof ErasedRowsSchema>;

/** Makes a property that is always present but may be null, so that consumers need not distinguish absent from null. */
export function Nullable<T extends TSchema>(schema: T) {
  return Type.Union([schema, Type.Null()]);
}

TypeRegistry.Set<{ enum: string[] }>(
  'OneOf',
  (schema, value) => typeof value === 'string' && schema.enum.includes(value),
);

/** A closed list of words; `enum` in JSON Schema. */
export function OneOf<const T extends string[]>(values: [...T], description?: string) {
  return Type.Unsafe<T[number]>({
    [Kind]: 'OneOf',
    type: 'string',
    enum: values,
    ...(description === undefined ? {} : { description }),
  });
}
