import type { CommandCall, Outcome } from '@crossdesk/service-kit';
import { type ChangeInput, changeConversation, type CommandDeps } from '../conversation/conversation.commands.ts';
import type { Conversation } from '../conversation/conversation.domain.ts';
import type { DB } from '../db.ts';
import { close, reopen, snooze } from './phase.domain.ts';

type Changed<Code extends string> = Promise<Outcome<Conversation, Code | 'NOT_FOUND' | 'VERSION_CONFLICT'>>;

export function closeConversation(deps: CommandDeps, call: CommandCall<DB>, input: ChangeInput): Changed<never> {
  return changeConversation(deps, call, input, 'closed', async (conversation, made) => close(conversation, made));
}

export function snoozeConversation(
  deps: CommandDeps,
  call: CommandCall<DB>,
  input: ChangeInput & { readonly until: Date | null },
): Changed<'INVALID_INPUT' | 'ILLEGAL_TRANSITION'> {
  return changeConversation(deps, call, input, 'snoozed', async (conversation, made) =>
    snooze(conversation, input.until, made),
  );
}

export function reopenConversation(deps: CommandDeps, call: CommandCall<DB>, input: ChangeInput): Changed<never> {
  return changeConversation(deps, call, input, 'reopened', async (conversation, made) => reopen(conversation, made));
}
