import {
  type AgentId,
  type ConversationId,
  type DecisionId,
  type MessageId,
  newId,
  type TenantId,
} from '@crossdesk/contracts';
import type { Refused } from '@crossdesk/service-kit/decision';
import type { ActionDecision, Decision, Purpose, ReplyDecision } from '../decision/decision.domain.ts';
import { templateReply, type TemplateReply } from '../decision/template-reply.domain.ts';
import type { Template } from '../template/template.domain.ts';
import type { Wanted } from './evaluate.domain.ts';
import { conversationStates } from './field.domain.ts';
import { type ActionType, priorities } from './rule.domain.ts';

/** What became of one action that a rule wanted; `code`: why nothing was decided. */
export interface Result {
  readonly ruleId: Wanted['ruleId'];
  readonly type: ActionType;
  readonly decisionId: DecisionId | null;
  readonly code: string | null;
  readonly message: string | null;
}

/** How rules may reply to an occasion. */
export interface Replies {
  readonly purpose: Purpose;
  /** Why a message must not be written; null if it may. */
  refuse(reply: TemplateReply): Refused<string> | null;
}

export interface About {
  readonly tenantId: TenantId;
  readonly conversationId: ConversationId;
  /** The version of the conversation that was known. */
  readonly basedOnVersion: number;
  readonly channel: string;
  /** BCP 47; null if it is not known. */
  readonly language: string | null;
  readonly values: ReadonlyMap<string, string>;
  /** Null where rules cannot reply. */
  readonly replies: Replies | null;
}

/** Turns what a rule wants into a decision for the conversation service, or says why there is none. */
export function decide(
  wanted: Wanted,
  about: About,
  template: Template | null,
): { readonly result: Result; readonly decision: Decision | null } {
  const { ruleId, ruleVersion, action } = wanted;
  const { tenantId, conversationId } = about;
  const common = { tenantId, id: newId<DecisionId>(), conversationId, rule: { ruleId, version: ruleVersion } };
  const refused = (code: string, message: string) => ({
    result: { ruleId, type: action.type, decisionId: null, code, message },
    decision: null,
  });
  const decided = (decision: Decision) => ({
    result: { ruleId, type: action.type, decisionId: common.id, code: null, message: null },
    decision,
  });
  if (action.type === 'reply') {
    const { replies } = about;
    if (replies === null)
      return refused('NOT_CARRIED_OUT', 'Rules reply when the buyer has written all they wanted to.');
    if (template === null) return refused('NOT_FOUND', 'The template is not there.');
    const recipient = { locale: about.language ?? 'und', market: null, channel: about.channel };
    const reply = templateReply(template, recipient, about.values);
    if (!reply.ok) return refused('TEMPLATE_NOT_RENDERED', reply.errors[0]?.message ?? '');
    const [refusal] = replies.refuse(reply.value)?.errors ?? [];
    if (refusal !== undefined) return refused(refusal.code, refusal.message);
    return decided({ ...common, ...replyTo(about, replies), ...reply.value });
  }
  const change = changeOf(wanted);
  if (change === null) return refused('NOT_CARRIED_OUT', 'Nobody carries out this action yet.');
  return decided({ ...common, kind: change.kind, action: change });
}

function replyTo(
  { basedOnVersion }: About,
  { purpose }: Replies,
): Pick<ReplyDecision, 'kind' | 'messageId' | 'purpose' | 'basedOnVersion'> {
  return { kind: 'reply', messageId: newId<MessageId>(), purpose, basedOnVersion };
}

/** The change of a conversation; null for an action that has no owner yet. */
function changeOf({ action: { type, value } }: Wanted): ActionDecision['action'] | null {
  switch (type) {
    case 'assign':
      // `readRule` has decoded it.
      return { kind: 'assign', agentId: value as AgentId };
    case 'state': {
      const state = conversationStates.find((one) => one === value);
      return state === undefined ? null : { kind: 'set-state', state };
    }
    case 'priority': {
      const priority = priorities.find((one) => one === value);
      return priority === undefined ? null : { kind: 'set-priority', priority };
    }
    case 'tag':
      return { kind: 'add-tag', tag: value };
    case 'escalate':
      return { kind: 'escalate', priority: 'high', agentId: null, note: value };
    default:
      return null;
  }
}
