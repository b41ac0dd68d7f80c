import type { ConversationId } from '@crossdesk/contracts';
import { agentOf, type CommandCall, type Outcome, refuseWithheld, type ServiceRuntime } from '@crossdesk/service-kit';
import {
  assignConversation,
  type CommandDeps,
  setConversationPriority,
  setConversationState,
} from '../conversation/conversation.commands.ts';
import { setConversationAttributes } from '../attribute/attribute.commands.ts';
import type { Conversation } from '../conversation/conversation.domain.ts';
import type { DB } from '../db.ts';
import { sendMessage } from '../message/send-message.commands.ts';
import { addNote } from '../note/note.commands.ts';
import { addConversationTags, removeConversationTags } from '../tag/tag.commands.ts';
import { fillReply } from './reply-pattern.domain.ts';
import { replyValues } from './reply-values.store.ts';
import type { WorkAction } from './work-action.domain.ts';

export type ActionDeps = CommandDeps & Pick<ServiceRuntime<DB>, 'commands'>;

/** Why a conversation refuses an action. */
export type ActionRefusal =
  | 'ANSWERED_ELSEWHERE'
  | 'CLIENT_ID_REUSED'
  | 'FILE_TOO_LARGE'
  | 'FORBIDDEN'
  | 'ILLEGAL_TRANSITION'
  | 'INVALID_INPUT'
  | 'KIND_NOT_SUPPORTED'
  | 'LINT_STOPPED'
  | 'NOT_FOUND'
  | 'STALE_DRAFT'
  | 'TEXT_TOO_LONG'
  | 'VALUE_MISSING'
  | 'VERSION_CONFLICT'
  | 'WINDOW_CLOSED';

/** Where an action is carried out. The conversation is locked, and no other one is what it was joined into. */
export interface ActionPlace {
  readonly conversation: Conversation;
  /** For what an action creates: nothing is created twice under it. */
  readonly clientMutationId: string;
  /** Whether its replies wait for those that people write. */
  readonly isBulk: boolean;
}

const mutationOf: Readonly<Record<WorkAction['kind'], string>> = {
  reply: 'sendMessage',
  note: 'addNote',
  assign: 'assignConversation',
  'set-state': 'setConversationState',
  'set-priority': 'setConversationPriority',
  'add-tags': 'addConversationTags',
  'remove-tags': 'removeConversationTags',
  'set-attributes': 'setConversationAttributes',
};

/** Carries out an action with the command that the mutation of the same kind runs. */
export async function carryOutAction(
  deps: ActionDeps,
  call: CommandCall<DB>,
  { conversation, clientMutationId, isBulk }: ActionPlace,
  action: WorkAction,
): Promise<Outcome<unknown, ActionRefusal>> {
  const withheld = refuseWithheld(call.actor, mutationOf[action.kind]);
  if (withheld !== null) return withheld;
  const conversationId: ConversationId = conversation.id;
  const input = { conversationId, expectedVersion: null };
  switch (action.kind) {
    case 'reply':
      return reply(deps, call, { conversation, clientMutationId, isBulk }, action.text);
    case 'note':
      return addNote(deps, call, { conversationId, clientMutationId, text: action.text, mentionedIds: [] });
    case 'assign': {
      const agentId = action.agentId === 'me' ? agentOf(call.actor) : action.agentId;
      return assignConversation(deps, call, { ...input, agentId });
    }
    case 'set-state':
      return setConversationState(deps, call, { ...input, state: action.state });
    case 'set-priority':
      return setConversationPriority(deps, call, { ...input, priority: action.priority });
    case 'add-tags':
      return addConversationTags(deps, call, { conversationId, tags: action.tags });
    case 'remove-tags':
      return removeConversationTags(deps, call, { conversationId, tags: action.tags });
    case 'set-attributes':
      return setConversationAttributes(deps, call, { ...input, values: action.values });
  }
}

async function reply(
  deps: ActionDeps,
  call: CommandCall<DB>,
  { conversation, clientMutationId, isBulk }: ActionPlace,
  pattern: string,
): Promise<Outcome<unknown, ActionRefusal>> {
  const { tenantId, id } = conversation;
  const values = await replyValues(call.trx, tenantId, [id], agentOf(call.actor), pattern);
  const text = fillReply(pattern, values.get(id) ?? new Map());
  if (!text.ok) return text;
  return sendMessage(deps, call, {
    clientMutationId,
    conversationId: id,
    expectedVersion: null,
    text: text.value,
    isBulk,
  });
}
