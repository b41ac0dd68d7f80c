import type {
  AgentId,
  ArticleId,
  ChannelAccountId,
  ConversationId,
  CustomerId,
  DecisionId,
  ErasedRows,
  ErasureId,
  EventData,
  EventId,
  MessageId,
  OrderId,
  RuleId,
  TemplateId,
  TemplateVariantId,
  TenantId,
} from '@crossdesk/contracts';
import type { Variable } from '@crossdesk/message-template';
import type { Narrowed } from '@crossdesk/service-kit';
import type { JSONColumnType, Selectable } from 'kysely';
import type * as table from './db.generated.ts';
import type {
  AssistantFailure,
  AssistantId,
  Purpose as AssistantPurpose,
  ReplyDraftId,
  Spending,
} from './assistant/assistant.domain.ts';
import type { DraftFinding } from './assistant/draft/draft-finding.domain.ts';
import type { Citation, DraftAction, DraftState } from './assistant/draft/reply-draft.domain.ts';
import type { Action, Content, DecisionOutcome, Purpose } from './decision/decision.domain.ts';
import type { Result } from './rule/decide.domain.ts';
import type { Denial } from './rule/evaluate.domain.ts';
import type { Facts } from './rule/field.domain.ts';
import type { ActionType, Mode, RuleContent, RuleVersion, Trigger } from './rule/rule.domain.ts';
import type { SimulationId, SimulationResult, SimulationState } from './rule/simulation/simulation.domain.ts';
import type { Mood } from './analysis/mood.domain.ts';
import type { Triage } from './analysis/triage.domain.ts';
import type { ReprocessingId, ReprocessingState } from './analysis/reprocess/reprocessing.ts';
import type { Understanding } from './analysis/understanding.domain.ts';
import type { ArticleChange, ArticleState, ArticleText, ArticleType } from './knowledge/article/article.domain.ts';
import type { GapId, GapQuestionId } from './knowledge/ids.ts';
import type { Intent } from './analysis/labels.domain.ts';
import type { PolicyContent, PolicyMode } from './policy/policy.domain.ts';
import type { TurnCode } from './turn/turn.domain.ts';
import type { MessageAuthor } from './message/message-text.domain.ts';
import type { SuggestionId } from './suggestion/suggestion.domain.ts';
import type { Outcome as SuggestionOutcome } from './suggestion/suggestion.domain.ts';
import type { Situation } from './template/template.domain.ts';
import type { EngineFailure } from './engine/engine-error.domain.ts';
import type { EngineKind } from './translation/engines/engine.port.ts';
import type { GlossaryTermId, TmUnitId, TranslationDraftId, TranslationProviderId } from './translation/ids.ts';
import type { Finding } from './translation/text/verify.domain.ts';
import type { MessageTranslationState, TranslationMode } from './translation/message/message-translation.domain.ts';
import type { Attempt, TranslationState } from './translation/translation.domain.ts';

/**
 * The tables of this service, with the id types and closed sets of values that their keys and check constraints
 * guarantee.
 */
export interface DB {
  message_analysis: Narrowed<
    table.MessageAnalysisTable,
    {
      tenant_id: TenantId;
      message_id: MessageId;
      conversation_id: ConversationId;
      understanding: JSONColumnType<Understanding> | null;
    }
  >;
  message_text: Narrowed<
    table.MessageTextTable,
    { tenant_id: TenantId; message_id: MessageId; conversation_id: ConversationId; author: MessageAuthor }
  >;
  analysed_conversation: Narrowed<
    table.AnalysedConversationTable,
    {
      tenant_id: TenantId;
      conversation_id: ConversationId;
      mood: JSONColumnType<Mood> | null;
      triage: JSONColumnType<Triage> | null;
    }
  >;
  template: Narrowed<
    table.TemplateTable,
    {
      tenant_id: TenantId;
      id: TemplateId;
      situation: Situation;
      variables: JSONColumnType<readonly Variable[]>;
    }
  >;
  template_variant: Narrowed<
    table.TemplateVariantTable,
    { tenant_id: TenantId; id: TemplateVariantId; template_id: TemplateId }
  >;
  conversation_facts: Narrowed<
    table.ConversationFactsTable,
    {
      tenant_id: TenantId;
      conversation_id: ConversationId;
      account_id: ChannelAccountId;
      state: 'unread' | 'pending' | 'handled' | 'transferred';
      priority: 'low' | 'normal' | 'high' | 'urgent';
      assignee_id: AgentId | null;
      last_inbound_id: MessageId | null;
    }
  >;
  order_facts: Narrowed<
    table.OrderFactsTable,
    { tenant_id: TenantId; order_id: OrderId; state: EventData<'ingest.order-updated'>['state'] }
  >;
  conversation_order: Narrowed<
    table.ConversationOrderTable,
    { tenant_id: TenantId; conversation_id: ConversationId; customer_id: CustomerId; order_id: OrderId | null }
  >;
  decision: Narrowed<
    table.DecisionTable,
    {
      tenant_id: TenantId;
      id: DecisionId;
      conversation_id: ConversationId;
      kind: 'reply' | Action['kind'];
      rule_id: RuleId | null;
      agent_id: AgentId | null;
      message_id: MessageId | null;
      purpose: Purpose | null;
      template_id: TemplateId | null;
      variant_id: TemplateVariantId | null;
      body: JSONColumnType<Content | Action>;
      outcome: DecisionOutcome | null;
    }
  >;
  turn: Narrowed<
    table.TurnTable,
    {
      tenant_id: TenantId;
      conversation_id: ConversationId;
      message_id: MessageId;
      event_id: EventId;
      code: TurnCode | null;
      handed_over_code: TurnCode | null;
      asked_intent: Intent | null;
    }
  >;
  turn_verdict: Narrowed<
    table.TurnVerdictTable,
    {
      tenant_id: TenantId;
      conversation_id: ConversationId;
      message_ids: MessageId[];
      code: TurnCode;
      intent: Intent | null;
      template_id: TemplateId | null;
      decision_id: DecisionId | null;
    }
  >;
  automation_policy: Narrowed<
    table.AutomationPolicyTable,
    { tenant_id: TenantId; mode: PolicyMode; content: JSONColumnType<PolicyContent> }
  >;
  erasure_step: Narrowed<
    table.ErasureStepTable,
    {
      tenant_id: TenantId;
      erasure_id: ErasureId;
      conversation_id: ConversationId;
      erased_rows: JSONColumnType<ErasedRows>;
    }
  >;
  translation_provider: Narrowed<
    table.TranslationProviderTable,
    { tenant_id: TenantId; id: TranslationProviderId; kind: EngineKind }
  >;
  provider_usage: Narrowed<
    table.ProviderUsageTable,
    { tenant_id: TenantId; provider_id: TranslationProviderId; last_failure: EngineFailure | null }
  >;
  glossary_term: Narrowed<table.GlossaryTermTable, { tenant_id: TenantId; id: GlossaryTermId }>;
  tm_unit: Narrowed<
    table.TmUnitTable,
    { tenant_id: TenantId; id: TmUnitId; origin: 'edit' | 'import'; conversation_id: ConversationId | null }
  >;
  tm_gram: Narrowed<table.TmGramTable, { tenant_id: TenantId; unit_id: TmUnitId }>;
  translation_draft: Narrowed<
    table.TranslationDraftTable,
    {
      tenant_id: TenantId;
      id: TranslationDraftId;
      conversation_id: ConversationId;
      state: TranslationState;
      engine: EngineKind | 'memory' | null;
      findings: JSONColumnType<readonly Finding[]>;
      attempts: JSONColumnType<readonly Attempt[]>;
      message_id: MessageId | null;
    }
  >;
  lint_setting: Narrowed<
    table.LintSettingTable,
    { tenant_id: TenantId; lowered: JSONColumnType<EventData<'conversation.lint-settings-changed'>['lowered']> }
  >;
  translation_setting: Narrowed<table.TranslationSettingTable, { tenant_id: TenantId; mode: TranslationMode }>;
  message_translation: Narrowed<
    table.MessageTranslationTable,
    {
      tenant_id: TenantId;
      message_id: MessageId;
      conversation_id: ConversationId;
      state: MessageTranslationState;
      engine: EngineKind | 'memory' | null;
      findings: JSONColumnType<readonly Finding[]>;
    }
  >;
  assistant: Narrowed<table.AssistantTable, { tenant_id: TenantId; id: AssistantId; purposes: AssistantPurpose[] }>;
  reply_draft: Narrowed<
    table.ReplyDraftTable,
    {
      tenant_id: TenantId;
      id: ReplyDraftId;
      conversation_id: ConversationId;
      message_id: MessageId;
      state: DraftState;
      failure: AssistantFailure | null;
      action: DraftAction;
      citations: JSONColumnType<readonly Citation[]>;
      findings: JSONColumnType<readonly DraftFinding[]>;
    }
  >;
  conversation_summary: Narrowed<
    table.ConversationSummaryTable,
    {
      tenant_id: TenantId;
      conversation_id: ConversationId;
      message_id: MessageId;
      state: 'writing' | 'written' | 'refused' | 'failed';
      failure: AssistantFailure | null;
    }
  >;
  assistant_usage: Narrowed<
    table.AssistantUsageTable,
    { tenant_id: TenantId; purpose: Spending; last_failure: EngineFailure | null }
  >;
  rule: Narrowed<table.RuleTable, { tenant_id: TenantId; id: RuleId }>;
  rule_version: Narrowed<
    table.RuleVersionTable,
    { tenant_id: TenantId; rule_id: RuleId; mode: Mode; content: JSONColumnType<RuleContent> }
  >;
  rule_set: Narrowed<
    table.RuleSetTable,
    { tenant_id: TenantId; rules: JSONColumnType<readonly { readonly ruleId: RuleId; readonly version: number }[]> }
  >;
  rule_conversation: Narrowed<
    table.RuleConversationTable,
    {
      tenant_id: TenantId;
      conversation_id: ConversationId;
      customer_id: CustomerId | null;
      order_id: OrderId | null;
    }
  >;
  customer_mark: Narrowed<table.CustomerMarkTable, { tenant_id: TenantId; customer_id: CustomerId }>;
  evaluation: Narrowed<
    table.EvaluationTable,
    {
      tenant_id: TenantId;
      event_id: EventId;
      trigger: Trigger;
      conversation_id: ConversationId;
      message_id: MessageId | null;
      timer_rule_id: RuleId | null;
      facts: JSONColumnType<Facts>;
      denials: JSONColumnType<Readonly<Record<RuleId, Denial>>>;
      taken: ActionType[];
      results: JSONColumnType<readonly Result[]>;
    }
  >;
  rule_timer: Narrowed<
    table.RuleTimerTable,
    {
      tenant_id: TenantId;
      rule_id: RuleId;
      conversation_id: ConversationId;
      trigger: Trigger;
      anchor_event_id: EventId;
      order_id: OrderId | null;
      message_id: MessageId | null;
      facts: JSONColumnType<Facts>;
    }
  >;
  reprocessing: Narrowed<
    table.ReprocessingTable,
    { tenant_id: TenantId; id: ReprocessingId; state: ReprocessingState }
  >;
  simulation: Narrowed<
    table.SimulationTable,
    {
      tenant_id: TenantId;
      id: SimulationId;
      rules: JSONColumnType<readonly RuleVersion[]>;
      state: SimulationState;
      result: JSONColumnType<SimulationResult> | null;
    }
  >;
  rule_act: Narrowed<
    table.RuleActTable,
    { tenant_id: TenantId; rule_id: RuleId; mode: Exclude<Mode, 'off'>; conversation_id: ConversationId }
  >;
  article: Narrowed<
    table.ArticleTable,
    { tenant_id: TenantId; id: ArticleId; state: ArticleState; conversation_id: ConversationId | null }
  >;
  article_version: Narrowed<
    table.ArticleVersionTable,
    {
      tenant_id: TenantId;
      article_id: ArticleId;
      change: ArticleChange;
      agent_id: AgentId | null;
      type: ArticleType;
      texts: JSONColumnType<readonly ArticleText[]>;
    }
  >;
  suggestion: Narrowed<
    table.SuggestionTable,
    {
      tenant_id: TenantId;
      id: SuggestionId;
      conversation_id: ConversationId;
      message_id: MessageId;
      source_kind: 'template' | 'article';
      outcome: SuggestionOutcome | null;
    }
  >;
  suggestion_feedback: Narrowed<table.SuggestionFeedbackTable, { tenant_id: TenantId }>;
  knowledge_gap: Narrowed<table.KnowledgeGapTable, { tenant_id: TenantId; id: GapId; article_id: ArticleId | null }>;
  knowledge_gap_question: Narrowed<
    table.KnowledgeGapQuestionTable,
    { tenant_id: TenantId; gap_id: GapId; id: GapQuestionId; conversation_id: ConversationId | null }
  >;
}

/** A row as it is read. */
export type Row<Name extends keyof DB> = Selectable<DB[Name]>;
