import type {
  Actor,
  AgentId,
  CalendarId,
  CaseId,
  BulkJobId,
  ChannelAccountId,
  ConversationId,
  CustomerId,
  DecisionId,
  FeedbackId,
  DeliveryFailure,
  DeliveryStatus,
  MessageContent,
  MessageContext,
  MacroId,
  MacroRunId,
  MessageId,
  EventId,
  FollowUpId,
  NoteId,
  NotificationId,
  OrderId,
  RegroupingId,
  ShiftId,
  SessionId,
  SlaPolicyId,
  TagRuleId,
  RoleId,
  TeamId,
  TenantId,
} from '@crossdesk/contracts';
import type { ApiTokenScope, Narrowed, Permission, Role } from '@crossdesk/service-kit';
import type { JSONColumnType, Selectable } from 'kysely';
import type { CaseEntryKind, CaseFacts } from './case/case-entry.domain.ts';
import type { CaseState, CaseType, Due, Told } from './case/case.domain.ts';
import type { AttributeChoice, AttributeType } from './attribute/attribute.domain.ts';
import type { CalendarContent } from './calendar/calendar.domain.ts';
import type { ActivityKind, Facts } from './conversation/activity.ts';
import type { PolicyContent } from './clock/policy.domain.ts';
import type { StoredClock } from './clock/clock.domain.ts';
import type { Reach } from './access/role.domain.ts';
import type * as table from './db.generated.ts';
import type { CustomerMarks, CustomerTag } from './customer-mark/customer-mark.domain.ts';
import type { EnquiryType } from './conversation/conversation.domain.ts';
import type { StoredMarks } from './conversation/marks-row.ts';
import type { LoweredRule } from './lint/lint-setting.domain.ts';
import type { Exclusion, QueueReason } from './queue/queue.domain.ts';
import type { SeenCandidate } from './routing/choose-agent.domain.ts';
import type { RoutingRule } from './routing/routing-rules.domain.ts';
import type { Edit, Reaction } from './message/message-change.domain.ts';
import type { BulkJobState, BulkOutcome, Tally } from './bulk/bulk-job.domain.ts';
import type { RegroupingDetails } from './merge/regrouping.domain.ts';
import type { MacroScope } from './macro/macro.domain.ts';
import type { NotificationKind } from './notification/notification.domain.ts';
import type { Preferences } from './notification/preference.domain.ts';
import type { TagColour, TagId } from './tag/tag.domain.ts';
import type { WorkAction } from './work-action/work-action.domain.ts';
import type { ViewCondition } from './view/view-field.domain.ts';
import type { ViewId, ViewPreset } from './view/view.domain.ts';

/** A value with a time, as JSON has it. */
type Stored<Value extends { readonly at: Date }> = Omit<Value, 'at'> & { readonly at: string };

/**
 * The tables of this service, with the id types and closed sets of values that their keys and check constraints
 * guarantee.
 */
export interface DB {
  workspace: Narrowed<table.WorkspaceTable, { tenant_id: TenantId }>;
  agent: Narrowed<
    table.AgentTable,
    { tenant_id: TenantId; id: AgentId; kind: 'person' | 'token'; role: Role; access_role_id: RoleId | null }
  >;
  access_role: Narrowed<
    table.AccessRoleTable,
    { tenant_id: TenantId; id: RoleId; store_ids: ChannelAccountId[] | null; reach: Reach; withheld: Permission[] }
  >;
  api_token: Narrowed<
    table.ApiTokenTable,
    { tenant_id: TenantId; id: AgentId; owner_id: AgentId; role: Role; scopes: ApiTokenScope[] }
  >;
  signing_key: Narrowed<table.SigningKeyTable, { public_jwk: JSONColumnType<object> }>;
  session: Narrowed<table.SessionTable, { tenant_id: TenantId; id: SessionId; agent_id: AgentId }>;
  refresh_token: Narrowed<table.RefreshTokenTable, { tenant_id: TenantId; session_id: SessionId }>;
  second_factor: Narrowed<table.SecondFactorTable, { tenant_id: TenantId; id: AgentId }>;
  recovery_code: Narrowed<table.RecoveryCodeTable, { tenant_id: TenantId; agent_id: AgentId }>;
  sign_in_attempt: table.SignInAttemptTable;
  sign_in_place: table.SignInPlaceTable;
  early_understanding: Narrowed<
    table.EarlyUnderstandingTable,
    { tenant_id: TenantId; conversation_id: ConversationId }
  >;
  conversation_counter: Narrowed<table.ConversationCounterTable, { tenant_id: TenantId }>;
  conversation: Narrowed<
    table.ConversationTable,
    {
      tenant_id: TenantId;
      id: ConversationId;
      account_id: ChannelAccountId;
      joined_into: ConversationId | null;
      split_from: ConversationId | null;
      regrouping_id: RegroupingId | null;
      state: 'unread' | 'pending' | 'handled' | 'transferred';
      priority: 'low' | 'normal' | 'high' | 'urgent';
      assignee_id: AgentId | null;
      phase: 'open' | 'snoozed' | 'closed' | 'merged';
      team_id: TeamId | null;
      enquiry_type: EnquiryType | null;
      enquiry_by: 'person' | 'machine' | null;
      marks: JSONColumnType<StoredMarks> | null;
    }
  >;
  enquiry_subtype: Narrowed<table.EnquirySubtypeTable, { tenant_id: TenantId; type: EnquiryType }>;
  team: Narrowed<table.TeamTable, { tenant_id: TenantId; id: TeamId }>;
  team_member: Narrowed<table.TeamMemberTable, { tenant_id: TenantId; team_id: TeamId; agent_id: AgentId }>;
  agent_skill: Narrowed<
    table.AgentSkillTable,
    { tenant_id: TenantId; agent_id: AgentId; kind: 'language' | 'market' | 'topic' }
  >;
  agent_duty: Narrowed<table.AgentDutyTable, { tenant_id: TenantId; agent_id: AgentId }>;
  routing: Narrowed<table.RoutingTable, { tenant_id: TenantId; rules: JSONColumnType<RoutingRule[]> }>;
  queue_entry: Narrowed<
    table.QueueEntryTable,
    {
      tenant_id: TenantId;
      conversation_id: ConversationId;
      team_id: TeamId | null;
      spare_team_ids: TeamId[];
      excluded: JSONColumnType<Exclusion[]>;
      reason: QueueReason;
      customer_marks: JSONColumnType<CustomerMarks> | null;
    }
  >;
  routing_wake: Narrowed<table.RoutingWakeTable, { tenant_id: TenantId; team_id: TeamId }>;
  routing_offer: Narrowed<
    table.RoutingOfferTable,
    { tenant_id: TenantId; conversation_id: ConversationId; agent_id: AgentId }
  >;
  routing_record: Narrowed<
    table.RoutingRecordTable,
    {
      tenant_id: TenantId;
      conversation_id: ConversationId;
      team_id: TeamId | null;
      agent_id: AgentId;
      strategy: 'sticky' | 'specialist' | 'balanced' | 'claimed';
      trace: JSONColumnType<SeenCandidate[]>;
      customer_marks: JSONColumnType<CustomerMarks> | null;
    }
  >;
  conversation_customer: Narrowed<
    table.ConversationCustomerTable,
    { tenant_id: TenantId; conversation_id: ConversationId; customer_id: CustomerId }
  >;
  customer_tag: Narrowed<
    table.CustomerTagTable,
    {
      tenant_id: TenantId;
      customer_id: CustomerId;
      agent_id: AgentId | null;
      rule_id: TagRuleId | null;
      reason: JSONColumnType<NonNullable<CustomerTag['reason']>> | null;
    }
  >;
  customer_tier: Narrowed<table.CustomerTierTable, { tenant_id: TenantId; customer_id: CustomerId }>;
  merged_customer: Narrowed<
    table.MergedCustomerTable,
    { tenant_id: TenantId; customer_id: CustomerId; merged_into: CustomerId }
  >;
  message: Narrowed<
    table.MessageTable,
    {
      tenant_id: TenantId;
      id: MessageId;
      conversation_id: ConversationId;
      regrouping_id: RegroupingId | null;
      direction: 'inbound' | 'outbound';
      author: 'buyer' | 'seller' | 'bot' | 'system' | 'agent';
      agent_id: AgentId | null;
      content: JSONColumnType<MessageContent>;
      context: JSONColumnType<MessageContext> | null;
      reactions: JSONColumnType<readonly Stored<Reaction>[]>;
      edits: JSONColumnType<readonly Stored<Edit>[]>;
      delivery_status: DeliveryStatus | null;
      delivery_failure: DeliveryFailure | null;
    }
  >;
  segment: Narrowed<
    table.SegmentTable,
    { tenant_id: TenantId; thread_id: ConversationId; conversation_id: ConversationId; account_id: ChannelAccountId }
  >;
  regrouping: Narrowed<
    table.RegroupingTable,
    {
      tenant_id: TenantId;
      id: RegroupingId;
      conversation_id: ConversationId;
      other_ids: ConversationId[];
      agent_id: AgentId | null;
      undone_by: AgentId | null;
      details: JSONColumnType<RegroupingDetails>;
    }
  >;
  note: Narrowed<
    table.NoteTable,
    {
      tenant_id: TenantId;
      id: NoteId;
      conversation_id: ConversationId;
      agent_id: AgentId | null;
      mentioned_ids: AgentId[];
    }
  >;
  activity: Narrowed<
    table.ActivityTable,
    {
      tenant_id: TenantId;
      conversation_id: ConversationId;
      kind: ActivityKind;
      actor_kind: Actor['kind'];
      before: JSONColumnType<Facts>;
      after: JSONColumnType<Facts>;
    }
  >;
  conversation_member: Narrowed<
    table.ConversationMemberTable,
    {
      tenant_id: TenantId;
      conversation_id: ConversationId;
      agent_id: AgentId;
      role: 'member' | 'watcher';
      added_by: AgentId | null;
    }
  >;
  draft: Narrowed<table.DraftTable, { tenant_id: TenantId; conversation_id: ConversationId; agent_id: AgentId }>;
  read_mark: Narrowed<table.ReadMarkTable, { tenant_id: TenantId; conversation_id: ConversationId; agent_id: AgentId }>;
  order_facts: Narrowed<
    table.OrderFactsTable,
    { tenant_id: TenantId; order_id: OrderId; account_id: ChannelAccountId | null }
  >;
  conversation_order: Narrowed<
    table.ConversationOrderTable,
    { tenant_id: TenantId; conversation_id: ConversationId; customer_id: CustomerId; order_id: OrderId | null }
  >;
  lint_setting: Narrowed<
    table.LintSettingTable,
    { tenant_id: TenantId; lowered: JSONColumnType<readonly LoweredRule[]> }
  >;
  tag: Narrowed<table.TagTable, { tenant_id: TenantId; id: TagId; colour: TagColour }>;
  conversation_tag: Narrowed<
    table.ConversationTagTable,
    { tenant_id: TenantId; conversation_id: ConversationId; tag_id: TagId }
  >;
  attribute_definition: Narrowed<
    table.AttributeDefinitionTable,
    { tenant_id: TenantId; type: AttributeType; choices: JSONColumnType<readonly AttributeChoice[]> }
  >;
  attribute_value: Narrowed<table.AttributeValueTable, { tenant_id: TenantId; conversation_id: ConversationId }>;
  calendar: Narrowed<table.CalendarTable, { tenant_id: TenantId; id: CalendarId }>;
  calendar_version: Narrowed<
    table.CalendarVersionTable,
    { tenant_id: TenantId; calendar_id: CalendarId; content: JSONColumnType<CalendarContent> }
  >;
  notification: Narrowed<
    table.NotificationTable,
    {
      tenant_id: TenantId;
      id: NotificationId;
      agent_id: AgentId;
      event_id: EventId;
      kind: NotificationKind;
      conversation_id: ConversationId | null;
      job_id: BulkJobId | null;
      account_id: ChannelAccountId | null;
      case_id: CaseId | null;
      about_agent_id: AgentId | null;
      follow_up_id: FollowUpId | null;
      actor_id: AgentId | null;
      note_id: NoteId | null;
    }
  >;
  notification_preference: Narrowed<
    table.NotificationPreferenceTable,
    { tenant_id: TenantId; agent_id: AgentId; ways: JSONColumnType<Preferences['ways']> }
  >;
  macro: Narrowed<
    table.MacroTable,
    {
      tenant_id: TenantId;
      id: MacroId;
      owner_id: AgentId;
      scope: MacroScope;
      actions: JSONColumnType<readonly WorkAction[]>;
    }
  >;
  macro_run: Narrowed<
    table.MacroRunTable,
    { tenant_id: TenantId; id: MacroRunId; macro_id: MacroId; conversation_id: ConversationId; agent_id: AgentId }
  >;
  bulk_job: Narrowed<
    table.BulkJobTable,
    {
      tenant_id: TenantId;
      id: BulkJobId;
      agent_id: AgentId;
      action: JSONColumnType<WorkAction>;
      state: BulkJobState;
      expected: JSONColumnType<Tally>;
      settled: JSONColumnType<Tally>;
    }
  >;
  bulk_item: Narrowed<
    table.BulkItemTable,
    {
      tenant_id: TenantId;
      job_id: BulkJobId;
      conversation_id: ConversationId;
      expected: BulkOutcome | null;
      outcome: BulkOutcome | null;
    }
  >;
  view: Narrowed<
    table.ViewTable,
    {
      tenant_id: TenantId;
      id: ViewId;
      owner_id: AgentId | null;
      preset: ViewPreset | null;
      condition: JSONColumnType<ViewCondition>;
      sorting: 'LAST_MESSAGE_DESC' | 'WAITING_LONGEST';
    }
  >;
  view_order: Narrowed<table.ViewOrderTable, { tenant_id: TenantId; agent_id: AgentId; view_ids: ViewId[] }>;
  search_workspace: Narrowed<table.SearchWorkspaceTable, { tenant_id: TenantId }>;
  search_document: Narrowed<
    table.SearchDocumentTable,
    {
      tenant_id: TenantId;
      kind: 'message' | 'note' | 'conversation' | 'order';
      conversation_id: ConversationId;
      account_id: ChannelAccountId;
    }
  >;
  sla_policy: Narrowed<table.SlaPolicyTable, { tenant_id: TenantId; id: SlaPolicyId; calendar_id: CalendarId | null }>;
  sla_policy_version: Narrowed<
    table.SlaPolicyVersionTable,
    { tenant_id: TenantId; policy_id: SlaPolicyId; content: JSONColumnType<PolicyContent> }
  >;
  platform_deadline: Narrowed<table.PlatformDeadlineTable, { tenant_id: TenantId }>;
  shift: Narrowed<table.ShiftTable, { tenant_id: TenantId; id: ShiftId; agent_id: AgentId; calendar_id: CalendarId }>;
  sla_state: Narrowed<
    table.SlaStateTable,
    { tenant_id: TenantId; conversation_id: ConversationId; clocks: JSONColumnType<readonly StoredClock[]> }
  >;
  case_counter: Narrowed<table.CaseCounterTable, { tenant_id: TenantId }>;
  after_sales_case: Narrowed<
    table.AfterSalesCaseTable,
    {
      tenant_id: TenantId;
      id: CaseId;
      account_id: ChannelAccountId;
      type: CaseType;
      state: CaseState;
      priority: 'low' | 'normal' | 'high' | 'urgent';
      owner_id: AgentId;
      team_id: TeamId | null;
      due_basis: Due['basis'];
      policy_id: SlaPolicyId | null;
      told: Told;
      opened_by: AgentId | null;
    }
  >;
  case_conversation: Narrowed<
    table.CaseConversationTable,
    { tenant_id: TenantId; case_id: CaseId; conversation_id: ConversationId }
  >;
  case_order: Narrowed<table.CaseOrderTable, { tenant_id: TenantId; case_id: CaseId; order_id: OrderId }>;
  survey_question: Narrowed<
    table.SurveyQuestionTable,
    { tenant_id: TenantId; thread_id: ConversationId; decision_id: DecisionId; message_id: MessageId }
  >;
  case_feedback: Narrowed<table.CaseFeedbackTable, { tenant_id: TenantId; feedback_id: FeedbackId; case_id: CaseId }>;
  case_watcher: Narrowed<table.CaseWatcherTable, { tenant_id: TenantId; case_id: CaseId; agent_id: AgentId }>;
  case_entry: Narrowed<
    table.CaseEntryTable,
    {
      tenant_id: TenantId;
      case_id: CaseId;
      kind: CaseEntryKind;
      actor_kind: Actor['kind'];
      before: JSONColumnType<CaseFacts>;
      after: JSONColumnType<CaseFacts>;
    }
  >;
  executed_decision: Narrowed<
    table.ExecutedDecisionTable,
    { tenant_id: TenantId; decision_id: DecisionId; conversation_id: ConversationId }
  >;
}

/** A row as it is read. */
export type Row<Name extends keyof DB> = Selectable<DB[Name]>;
