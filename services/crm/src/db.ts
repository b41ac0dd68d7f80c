import type {
  AgentId,
  CampaignId,
  CaseId,
  ChannelAccountId,
  ConversationId,
  CustomerId,
  DecisionId,
  ErasedRows,
  ErasureId,
  FeedbackId,
  FollowUpId,
  MergeDecisionId,
  MergeProposalId,
  MessageId,
  OrderId,
  SegmentId,
  SurveyPolicyId,
  TagRuleId,
  TenantId,
  TierRunId,
} from '@crossdesk/contracts';
import type { Narrowed } from '@crossdesk/service-kit';
import type { JSONColumnType, Selectable } from 'kysely';
import type { EnquiryType } from './analysis/analysis.domain.ts';
import type { IdentityKind } from './customer/identity.domain.ts';
import type { CampaignState } from './campaign/campaign.domain.ts';
import type { ConsentBasis, ConsentState, Purpose } from './consent/consent.domain.ts';
import type { UnreachableReason } from './contact/contact.domain.ts';
import type { ErasingService } from './erasure/erasure.domain.ts';
import type { FeedbackKind, FeedbackSource, FeedbackState, FeedbackType, Urgency } from './feedback/feedback.domain.ts';
import type { FollowUpState } from './follow-up/follow-up.domain.ts';
import type { ProposalReason } from './identity/proposal.domain.ts';
import type { Verdict } from './identity/resolve.domain.ts';
import type { LinkReason } from './link/link.domain.ts';
import type { MentionKind } from './link/mention.domain.ts';
import type { OrderStep } from './order/order-state.domain.ts';
import type { GateCheck } from './outreach/gate.domain.ts';
import type { Arm, LocalText, OutreachKind, OutreachState } from './outreach/outreach.domain.ts';
import type { NoticeStage, OrderStage } from './order/stage.domain.ts';
import type { CustomerCondition } from './value/segment/customer-field.domain.ts';
import type { TagReason } from './value/tag/tag.domain.ts';
import type { TierCause, TierModel, TierRunState } from './value/tier/tier-model.domain.ts';
import type * as table from './db.generated.ts';

/**
 * The tables of this service, with the id types and closed sets of values that their keys and check constraints
 * guarantee.
 */
export interface DB {
  profile: Narrowed<
    table.ProfileTable,
    { tenant_id: TenantId; id: CustomerId; customer_id: CustomerId; account_id: ChannelAccountId | null }
  >;
  customer_identity: Narrowed<
    table.CustomerIdentityTable,
    {
      tenant_id: TenantId;
      kind: IdentityKind;
      account_id: ChannelAccountId;
      profile_id: CustomerId;
      customer_id: CustomerId;
    }
  >;
  identity_decision: Narrowed<
    table.IdentityDecisionTable,
    {
      tenant_id: TenantId;
      id: MergeDecisionId;
      profile_a: CustomerId;
      profile_b: CustomerId;
      verdict: Verdict;
      decided_by: AgentId;
      revoked_by: AgentId | null;
    }
  >;
  blocked_key: Narrowed<table.BlockedKeyTable, { tenant_id: TenantId; kind: 'phone' | 'email'; blocked_by: AgentId }>;
  merge_proposal: Narrowed<
    table.MergeProposalTable,
    {
      tenant_id: TenantId;
      id: MergeProposalId;
      profile_a: CustomerId;
      profile_b: CustomerId;
      reasons: ProposalReason[];
      state: 'open' | 'accepted' | 'declined' | 'gone';
      decided_by: AgentId | null;
    }
  >;
  fx_rate: Narrowed<table.FxRateTable, { tenant_id: TenantId; set_by: AgentId }>;
  tier_model: Narrowed<
    table.TierModelTable,
    { tenant_id: TenantId; content: JSONColumnType<TierModel>; set_by: AgentId }
  >;
  customer_stats: Narrowed<
    table.CustomerStatsTable,
    {
      tenant_id: TenantId;
      customer_id: CustomerId;
      unconverted: JSONColumnType<readonly { readonly currency: string; readonly amountMinor: string }[]>;
    }
  >;
  tag_fact: Narrowed<table.TagFactTable, { tenant_id: TenantId; profile_id: CustomerId; said_by: AgentId }>;
  tag_rule: Narrowed<
    table.TagRuleTable,
    { tenant_id: TenantId; id: TagRuleId; condition: JSONColumnType<CustomerCondition>; updated_by: AgentId }
  >;
  customer_tag: Narrowed<
    table.CustomerTagTable,
    {
      tenant_id: TenantId;
      customer_id: CustomerId;
      agent_id: AgentId | null;
      rule_id: TagRuleId | null;
      reason: JSONColumnType<TagReason> | null;
    }
  >;
  tier_history: Narrowed<table.TierHistoryTable, { tenant_id: TenantId; customer_id: CustomerId; cause: TierCause }>;
  tier_run: Narrowed<
    table.TierRunTable,
    {
      tenant_id: TenantId;
      id: TierRunId;
      state: TierRunState;
      model: JSONColumnType<TierModel>;
      asked_by: AgentId;
      after_id: CustomerId | null;
    }
  >;
  tier_run_row: Narrowed<table.TierRunRowTable, { tenant_id: TenantId; run_id: TierRunId; customer_id: CustomerId }>;
  segment: Narrowed<
    table.SegmentTable,
    { tenant_id: TenantId; id: SegmentId; condition: JSONColumnType<CustomerCondition>; updated_by: AgentId }
  >;
  recompute_pass: Narrowed<table.RecomputePassTable, { tenant_id: TenantId; after_id: CustomerId | null }>;
  order_ref: Narrowed<table.OrderRefTable, { tenant_id: TenantId; order_id: OrderId; account_id: ChannelAccountId }>;
  order_tracking: Narrowed<
    table.OrderTrackingTable,
    { tenant_id: TenantId; order_id: OrderId; account_id: ChannelAccountId }
  >;
  conversation_mention: Narrowed<
    table.ConversationMentionTable,
    { tenant_id: TenantId; conversation_id: ConversationId; kind: MentionKind; account_id: ChannelAccountId }
  >;
  conversation_link: Narrowed<
    table.ConversationLinkTable,
    {
      tenant_id: TenantId;
      conversation_id: ConversationId;
      account_id: ChannelAccountId;
      customer_id: CustomerId | null;
      order_id: OrderId | null;
      reason: LinkReason | null;
    }
  >;
  order_state: Narrowed<
    table.OrderStateTable,
    { tenant_id: TenantId; order_id: OrderId; account_id: ChannelAccountId; state: OrderStep['state'] }
  >;
  customer_case: Narrowed<
    table.CustomerCaseTable,
    { tenant_id: TenantId; case_id: CaseId; conversation_id: ConversationId }
  >;
  case_order: Narrowed<table.CaseOrderTable, { tenant_id: TenantId; case_id: CaseId; order_id: OrderId }>;
  order_attribution: Narrowed<
    table.OrderAttributionTable,
    {
      tenant_id: TenantId;
      order_id: OrderId;
      account_id: ChannelAccountId;
      conversation_id: ConversationId | null;
      outreach_id: DecisionId | null;
    }
  >;
  relinked: Narrowed<table.RelinkedTable, { tenant_id: TenantId; customer_id: CustomerId }>;
  conversation_topic: Narrowed<
    table.ConversationTopicTable,
    {
      tenant_id: TenantId;
      conversation_id: ConversationId;
      account_id: ChannelAccountId;
      enquiry_type: EnquiryType | null;
    }
  >;
  follow_up: Narrowed<
    table.FollowUpTable,
    {
      tenant_id: TenantId;
      id: FollowUpId;
      profile_id: CustomerId;
      conversation_id: ConversationId | null;
      owner_id: AgentId;
      state: FollowUpState;
      created_by: AgentId | null;
    }
  >;
  feedback: Narrowed<
    table.FeedbackTable,
    {
      tenant_id: TenantId;
      id: FeedbackId;
      source: FeedbackSource;
      kind: FeedbackKind;
      account_id: ChannelAccountId | null;
      profile_id: CustomerId | null;
      conversation_id: ConversationId | null;
      order_id: OrderId | null;
      type: FeedbackType;
      urgency: Urgency;
      classified_by: AgentId | null;
      state: FeedbackState;
      case_id: CaseId | null;
      recorded_by: AgentId | null;
    }
  >;
  feedback_sku: Narrowed<table.FeedbackSkuTable, { tenant_id: TenantId; feedback_id: FeedbackId }>;
  erasure: Narrowed<
    table.ErasureTable,
    { tenant_id: TenantId; id: ErasureId; customer_id: CustomerId; requested_by: AgentId; profile_ids: CustomerId[] }
  >;
  erasure_part: Narrowed<
    table.ErasurePartTable,
    {
      tenant_id: TenantId;
      erasure_id: ErasureId;
      conversation_id: ConversationId;
      service: ErasingService;
      erased_rows: JSONColumnType<ErasedRows> | null;
    }
  >;
  consent: Narrowed<
    table.ConsentTable,
    {
      tenant_id: TenantId;
      id: DecisionId;
      profile_id: CustomerId;
      purpose: Purpose;
      state: ConsentState;
      basis: ConsentBasis;
      recorded_by: AgentId | null;
    }
  >;
  suppression: Narrowed<table.SuppressionTable, { tenant_id: TenantId; purpose: Purpose }>;
  contact_point: Narrowed<
    table.ContactPointTable,
    {
      tenant_id: TenantId;
      conversation_id: ConversationId;
      account_id: ChannelAccountId;
      unreachable_reason: UnreachableReason | null;
    }
  >;
  outreach: Narrowed<
    table.OutreachTable,
    {
      tenant_id: TenantId;
      id: DecisionId;
      kind: OutreachKind;
      purpose: Purpose;
      profile_id: CustomerId;
      account_id: ChannelAccountId | null;
      texts: JSONColumnType<LocalText[]>;
      variables: JSONColumnType<Record<string, string>>;
      state: OutreachState;
      arm: Arm | null;
      trace: JSONColumnType<GateCheck[]> | null;
      conversation_id: ConversationId | null;
      message_id: MessageId | null;
    }
  >;
  outreach_once: Narrowed<table.OutreachOnceTable, { tenant_id: TenantId; outreach_id: DecisionId }>;
  survey_policy: Narrowed<
    table.SurveyPolicyTable,
    {
      tenant_id: TenantId;
      id: SurveyPolicyId;
      account_ids: ChannelAccountId[];
      texts: JSONColumnType<LocalText[]>;
    }
  >;
  survey_round: Narrowed<
    table.SurveyRoundTable,
    { tenant_id: TenantId; conversation_id: ConversationId; account_id: ChannelAccountId }
  >;
  survey: Narrowed<
    table.SurveyTable,
    {
      tenant_id: TenantId;
      id: DecisionId;
      policy_id: SurveyPolicyId;
      conversation_id: ConversationId;
      account_id: ChannelAccountId;
      profile_id: CustomerId;
    }
  >;
  campaign: Narrowed<
    table.CampaignTable,
    {
      tenant_id: TenantId;
      id: CampaignId;
      purpose: Purpose;
      segment_id: SegmentId | null;
      condition: JSONColumnType<CustomerCondition>;
      account_id: ChannelAccountId | null;
      texts: JSONColumnType<LocalText[]>;
      state: CampaignState;
      updated_by: AgentId;
      launched_by: AgentId | null;
      frozen_after: CustomerId | null;
      released_after: CustomerId | null;
    }
  >;
  campaign_member: Narrowed<
    table.CampaignMemberTable,
    { tenant_id: TenantId; campaign_id: CampaignId; profile_id: CustomerId; arm: Arm }
  >;
  stage_notice: Narrowed<
    table.StageNoticeTable,
    { tenant_id: TenantId; account_id: ChannelAccountId; stage: NoticeStage; texts: JSONColumnType<LocalText[]> }
  >;
  order_stage: Narrowed<
    table.OrderStageTable,
    { tenant_id: TenantId; order_id: OrderId; account_id: ChannelAccountId; stage: OrderStage }
  >;
}

/** A row as it is read. */
export type Row<Name extends keyof DB> = Selectable<DB[Name]>;
