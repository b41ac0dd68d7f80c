import { type AgentId, type ConversationId, type EventData, parseId } from '@crossdesk/contracts';
import {
  actorOf,
  causedByEvent,
  type CommandCall,
  type Delivered,
  type Outcome,
  type Principal,
  refuse,
  type Refused,
  type ServiceRuntime,
} from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import { agentsByIds } from '../agent/agent.store.ts';
import {
  assignConversation,
  noConversation,
  setConversationPriority,
  setConversationState,
} from '../conversation/conversation.commands.ts';
import { type Conversation, touched } from '../conversation/conversation.domain.ts';
import { aggregateOf, lockConversation } from '../conversation/conversation.store.ts';
import { saveChanges } from '../conversation/save-changes.ts';
import type { DB } from '../db.ts';
import { refuseOutdated } from '../decision/decision.domain.ts';
import { decisionSettled } from '../decision/decision.events.ts';
import { escalateConversation } from '../decision/escalate.commands.ts';
import { claimDecision } from '../decision/executed-decision.store.ts';
import { addConversationTags } from '../tag/tag.commands.ts';
import { isBlocked } from '../message/message-payload.ts';
import { tellBlocked } from '../message/reply-guard.ts';
import { sendMessage } from '../message/send-message.commands.ts';

type Deps = Pick<ServiceRuntime<DB>, 'outbox' | 'clock' | 'commands'>;
type DecidedReply = Delivered<'automation.reply-decided'>;
type DecidedAction = Delivered<'automation.action-decided'>;
type Decided = DecidedReply | DecidedAction | Delivered<'crm.message-decided'>;
type Settled = Outcome<unknown, string>;

/** Writes decided messages, each once. One that may no longer be written is refused, and the reason is told. */
export async function takeReplies(deps: Deps, trx: Transaction<DB>, decided: readonly DecidedReply[]): Promise<void> {
  for (const one of decided) {
    await settleOnce(deps, trx, one, async (call, conversation) => {
      const { decisionId, messageId, content, purpose, basedOnVersion, basis: known } = one.event.data;
      const basis = { purpose, basedOnVersion, decidedAt: new Date(one.event.occurredAt) };
      const refusal = refuseOutdated(conversation, basis);
      if (refusal !== null) return refusal;
      if (content.kind !== 'text') return refuse('KIND_NOT_SUPPORTED', null, 'Automation writes texts only.');
      const outcome = await deps.commands.carryOut(call, 'sendMessage', (inner) =>
        sendMessage(deps, inner, {
          messageId,
          clientMutationId: decisionId,
          conversationId: conversation.id,
          expectedVersion: null,
          text: content.text,
          basis: known?.contentVersion ?? null,
          ignoreAnsweredElsewhere: known?.ignoreAnsweredElsewhere ?? false,
          isBotAnswer: purpose === 'answer',
        }),
      );
      const code = outcome.ok ? null : (outcome.errors[0]?.code ?? null);
      if (isBlocked(code)) await tellBlocked(deps, call, { conversationId: conversation.id, code });
      return outcome;
    });
  }
}

/** Carries out decided changes, each once. */
export async function takeActions(deps: Deps, trx: Transaction<DB>, decided: readonly DecidedAction[]): Promise<void> {
  for (const one of decided) {
    await settleOnce(deps, trx, one, (call, { id }) => carryOut(deps, call, id, one.event.data.action));
  }
}

function carryOut(
  { commands, ...deps }: Deps,
  call: CommandCall<DB>,
  conversationId: ConversationId,
  action: EventData<'automation.action-decided'>['action'],
): Promise<Settled> {
  const input = { conversationId, expectedVersion: null };
  switch (action.kind) {
    case 'assign':
      return commands.carryOut(call, 'assignConversation', (inner) =>
        assignConversation(deps, inner, { ...input, agentId: action.agentId }),
      );
    case 'set-state':
      return commands.carryOut(call, 'setConversationState', (inner) =>
        setConversationState(deps, inner, { ...input, state: action.state }),
      );
    case 'set-priority':
      return commands.carryOut(call, 'setConversationPriority', (inner) =>
        setConversationPriority(deps, inner, { ...input, priority: action.priority }),
      );
    case 'add-tag':
      return commands.carryOut(call, 'addConversationTags', (inner) =>
        addConversationTags(deps, inner, { conversationId, tags: [action.tag] }),
      );
    case 'escalate':
      return commands.carryOut(call, 'escalateConversation', (inner) =>
        escalateConversation(deps, inner, { ...action, conversationId }),
      );
  }
}

/** Lock, claim, carry out, tell: a decision that is told again finds its claim and does nothing. */
export async function settleOnce(
  { outbox, clock }: Pick<Deps, 'outbox' | 'clock'>,
  trx: Transaction<DB>,
  cause: Decided,
  act: (call: CommandCall<DB>, conversation: Conversation) => Promise<Settled>,
): Promise<void> {
  const { tenantId, data } = cause.event;
  const key = { tenantId, id: data.conversationId };
  const locked = await lockConversation(trx, key);
  if (locked === null) throw new Error(`${noConversation.errors[0]?.message ?? ''} Replay the decision once there is.`);
  if (!(await claimDecision(trx, { ...data, tenantId }, clock.now()))) return;
  const actor = await actorBehind(trx, cause);
  const outcome = 'ok' in actor ? actor : await act(callOf(trx, cause, actor), locked);
  // What was done has raised the version; it is locked still.
  const before = (await lockConversation(trx, key)) ?? locked;
  const after = touched(before);
  const told = { aggregate: aggregateOf(after), conversation: after, origin: causedByEvent(cause) };
  const events = [decisionSettled(told, { decisionId: data.decisionId, ...settledAs(outcome) })];
  await saveChanges({ outbox, clock }, trx, [{ before, after, events }]);
}

function settledAs(outcome: Settled): Pick<EventData<'conversation.decision-settled'>, 'outcome' | 'code'> {
  if (!outcome.ok) return { outcome: 'refused', code: outcome.errors[0]?.code ?? 'REFUSED' };
  return { outcome: outcome.did === null ? 'nothing-to-do' : 'carried-out', code: null };
}

function callOf(trx: Transaction<DB>, cause: Decided, actor: Principal): CommandCall<DB> {
  return { trx, actor, origin: causedByEvent(cause, actorOf(actor)) };
}

/** Who acts: the rule or the bot, or the person who sent a template, as long as they work here. */
async function actorBehind(trx: Transaction<DB>, { event }: Decided): Promise<Principal | Refused<'FORBIDDEN'>> {
  const { tenantId, actor, data } = event;
  const rule = 'rule' in data ? data.rule : null;
  if (actor.kind !== 'agent') return { kind: 'automation', tenantId, ruleId: rule?.ruleId ?? null };
  const id = parseId<AgentId>(actor.id ?? '');
  const agent = id === null ? undefined : (await agentsByIds(trx, tenantId, [id])).get(id);
  if (agent === undefined || !agent.isActive) return refuse('FORBIDDEN', null, 'The person no longer works here.');
  const acts = { tenantId, agentId: agent.id, role: agent.role };
  return agent.kind === 'token' ? { kind: 'api-token', ...acts } : { kind: 'agent', ...acts, authenticatedAtMs: 0 };
}
