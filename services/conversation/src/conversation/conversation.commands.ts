import { type AgentId, type ConversationId, parseId, type TenantId } from '@crossdesk/contracts';
import { causedByRequest, type RequestContext, type ServiceRuntime, signedIn } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import { agentsByIds } from '../agent/agent.store.ts';
import type { DB } from '../db.ts';
import { type Outcome, refuse } from '../refusal.domain.ts';
import {
  assignTo,
  type Change,
  type Conversation,
  type ConversationState,
  markRead,
  moveTo,
} from './conversation.domain.ts';
import { conversationChanged } from './conversation.events.ts';
import { aggregateOf, lockConversation, saveConversations } from './conversation.store.ts';

export type CommandDeps = Pick<ServiceRuntime<DB>, 'db' | 'outbox' | 'audit' | 'clock'>;

export interface ChangeInput {
  readonly conversationId: string;
  readonly expectedVersion: number;
}

export function setConversationState(
  deps: CommandDeps,
  request: RequestContext,
  input: ChangeInput & { readonly state: ConversationState },
): Promise<Outcome<Conversation>> {
  return change(deps, request, input, { name: 'setConversationState', kind: 'state' }, async (conversation, made) =>
    moveTo(conversation, input.state, made),
  );
}

export function markConversationRead(
  deps: CommandDeps,
  request: RequestContext,
  input: ChangeInput,
): Promise<Outcome<Conversation>> {
  return change(deps, request, input, { name: 'markRead', kind: 'read' }, async (conversation, made) =>
    markRead(conversation, made),
  );
}

export function assignConversation(
  deps: CommandDeps,
  request: RequestContext,
  input: ChangeInput & { readonly agentId?: string | null | undefined },
): Promise<Outcome<Conversation>> {
  const { tenantId } = signedIn(request);
  return change(deps, request, input, { name: 'assign', kind: 'assignee' }, async (conversation, made, trx) => {
    if (input.agentId === null || input.agentId === undefined) return assignTo(conversation, null, made);
    const agentId = await assignableAgent(trx, tenantId, input.agentId);
    if (agentId === null)
      return refuse('NOT_FOUND', 'agentId', 'There is no active agent with this id: take one from agents.');
    return assignTo(conversation, agentId, made);
  });
}

async function assignableAgent(trx: Transaction<DB>, tenantId: TenantId, text: string): Promise<AgentId | null> {
  const id = parseId<AgentId>(text);
  if (id === null) return null;
  const agent = (await agentsByIds(trx, tenantId, [id])).get(id);
  return agent !== undefined && agent.isActive && agent.kind === 'person' ? id : null;
}

/** Lock, decide, save, tell. A decision that leaves the conversation as it is writes and tells nothing. */
async function change(
  { db, outbox, audit, clock }: CommandDeps,
  request: RequestContext,
  input: ChangeInput,
  { name, kind }: { readonly name: string; readonly kind: 'state' | 'assignee' | 'read' },
  decide: (conversation: Conversation, change: Change, trx: Transaction<DB>) => Promise<Outcome<Conversation>>,
): Promise<Outcome<Conversation>> {
  const { tenantId, agentId } = signedIn(request);
  const id = parseId<ConversationId>(input.conversationId);
  const mutation = audit.mutation(request, name, async (trx: Transaction<DB>, done) => {
    const locked = id === null ? null : await lockConversation(trx, { tenantId, id });
    if (locked === null) return noConversation;
    const decision = await decide(
      locked,
      { by: agentId, expectedVersion: input.expectedVersion, now: clock.now() },
      trx,
    );
    if (!decision.ok || decision.value === locked) return decision;
    const conversation = decision.value;
    await saveConversations(trx, [conversation]);
    const changed = { aggregate: aggregateOf(conversation), conversation, origin: causedByRequest(request) };
    await outbox.append(trx, [conversationChanged(changed, kind, locked.state)]);
    done(conversation.id);
    return decision;
  });
  const outcome = await db.forTenant(tenantId, mutation);
  outbox.nudge();
  return outcome;
}

export const noConversation = refuse(
  'NOT_FOUND',
  'conversationId',
  'There is no conversation with this id in your workspace.',
);
