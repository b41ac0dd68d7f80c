import type { ConversationId, MessageId, RuleId } from '@crossdesk/contracts';
import type { Result } from '../decide.domain.ts';
import type { Denial } from '../evaluate.domain.ts';
import type { Facts } from '../field.domain.ts';
import type { ActionType, Mode, Trigger } from '../rule.domain.ts';

declare const brand: unique symbol;
export type SimulationId = string & { readonly [brand]: 'SimulationId' };

export type SimulationState = 'running' | 'done' | 'failed';

/** An evaluation of the past, as far as it is replayed. */
export interface PastEvent {
  readonly trigger: Trigger;
  readonly timer_rule_id: RuleId | null;
  readonly conversation_id: ConversationId;
  readonly message_id: MessageId | null;
  readonly correlation_id: string;
  readonly buyer_id: string;
  readonly facts: Facts;
  readonly denials: Readonly<Record<RuleId, Denial>>;
  readonly taken: readonly ActionType[];
  readonly results: readonly Result[];
  readonly evaluated_at: Date;
}

export interface SimulationResult {
  /** Events for which the rules act otherwise than they did. */
  readonly changedEvents: number;
  /** Conversations in which another reply than before is sent: what comes after it is not known. */
  readonly divergedConversations: number;
  readonly divergedEvents: number;
  /** Events that are left out: a rule looks for words that no rule looked for then, and the text is gone. */
  readonly unreadableEvents: number;
  readonly rules: readonly SimulatedRule[];
}

/** An event for which a rule matches, and did not, or the other way round. */
export interface Example {
  readonly change: 'gained' | 'lost';
  readonly conversationId: ConversationId;
  /** Null for an event that is no message. */
  readonly messageId: MessageId | null;
  readonly evaluatedAt: string;
}

/** What became of a rule in a simulation: numbers of events. */
export interface SimulatedRule {
  readonly ruleId: RuleId;
  readonly name: string;
  /** Null: it is not among the simulated rules. */
  readonly mode: Mode | null;
  /** How often it matched. */
  before: number;
  after: number;
  gained: number;
  lost: number;
  /** How often a limit kept it from acting, in the simulation. */
  limited: number;
  /** Of `after`: the buyer was angry; a person was called; the buyer wrote again within a day. */
  angry: number;
  escalated: number;
  writtenAgain: number;
  readonly examples: Example[];
}
