import { type Conversation, touched } from './conversation.domain.ts';

/** The conversation after a note. */
export function noted(conversation: Conversation): Conversation {
  return { ...touched(conversation), contentVersion: conversation.contentVersion + 1 };
}
