import type {
  AgentId,
  ConversationId,
  DecisionId,
  EventData,
  MessageId,
  RuleId,
  TemplateId,
  TemplateVariantId,
  TenantId,
} from '@crossdesk/contracts';

export type Content = EventData<'automation.reply-decided'>['content'];
export type Action = EventData<'automation.action-decided'>['action'];
export type Purpose = EventData<'automation.reply-decided'>['purpose'];
export type DecisionOutcome = EventData<'conversation.decision-settled'>['outcome'];

/** The rule that decided, in the version it had. */
export interface DecidingRule {
  readonly ruleId: RuleId;
  readonly version: number;
}

/** The words of a template that a reply has. */
export interface UsedTemplate {
  readonly templateId: TemplateId;
  readonly variantId: TemplateVariantId;
  /** BCP 47: the language of the words. */
  readonly locale: string;
}

interface Decided {
  readonly tenantId: TenantId;
  readonly id: DecisionId;
  readonly conversationId: ConversationId;
  /** Null: a person decided, or the bot without a rule. */
  readonly rule: DecidingRule | null;
}

export interface ReplyDecision extends Decided {
  readonly kind: 'reply';
  /** The id that the message will have. */
  readonly messageId: MessageId;
  readonly purpose: Purpose;
  /** The version of the conversation that the decision knew; null if it holds whatever has happened since. */
  readonly basedOnVersion: number | null;
  /** What the person who sends it knew; absent if they did not say, or if a machine decided. */
  readonly basis?: { readonly contentVersion: number; readonly ignoreAnsweredElsewhere: boolean };
  readonly content: Content;
  readonly template: UsedTemplate | null;
}

export interface ActionDecision extends Decided {
  readonly kind: Action['kind'];
  readonly action: Action;
}

/** What somebody or something wants done in a conversation. Its owner carries it out, or refuses it. */
export type Decision = ReplyDecision | ActionDecision;

/** A decision as it is recorded. */
export function recorded(decision: Decision, agentId: AgentId | null, decidedAt: Date): RecordedDecision {
  const { tenantId, id, conversationId, kind, rule } = decision;
  return {
    ...{ tenantId, id, conversationId, kind, rule, agentId },
    reply: decision.kind === 'reply' ? decision : null,
    action: decision.kind === 'reply' ? null : decision.action,
    ...{ outcome: null, code: null, decidedAt, settledAt: null },
  };
}

/** A decision with what became of it. */
export interface RecordedDecision {
  readonly tenantId: TenantId;
  readonly id: DecisionId;
  readonly conversationId: ConversationId;
  readonly kind: 'reply' | Action['kind'];
  readonly rule: DecidingRule | null;
  readonly agentId: AgentId | null;
  readonly reply: Pick<ReplyDecision, 'messageId' | 'purpose' | 'content' | 'template'> | null;
  readonly action: Action | null;
  /** Null until its owner has told. */
  readonly outcome: DecisionOutcome | null;
  readonly code: string | null;
  readonly decidedAt: Date;
  readonly settledAt: Date | null;
}
