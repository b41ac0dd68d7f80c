import type { Finding } from '@crossdesk/outgoing-lint';
import type { UserError } from '@crossdesk/service-kit';
import type { ConversationId } from '@crossdesk/contracts';
import type { Conversation } from '../conversation/conversation.domain.ts';
import type { Message } from './message.domain.ts';
import { type BlockedCode, blockedReasons } from './reply-guard.domain.ts';
import type { SendRefusal } from './send-message.commands.ts';

/** A reply whose author did not know the latest. */
export interface Overtaken {
  readonly code: BlockedCode;
  readonly conversationId: ConversationId;
  readonly basis: number;
}

/** What `sendMessage` answers; what is newer is read by the rooms that have it. */
export interface MessagePayload {
  readonly clientMutationId: string;
  readonly conversation: Conversation | null;
  readonly message: Message | null;
  readonly messages: Message[];
  readonly lintFindings: readonly Finding[];
  readonly overtaken: Overtaken | null;
  readonly errors: UserError<SendRefusal>[];
}

export function isBlocked(code: string | null): code is BlockedCode {
  return code !== null && code in blockedReasons;
}
