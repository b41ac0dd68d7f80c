import { accept, type Decision, refuse } from '@crossdesk/service-kit/decision';
import {
  type Change,
  type Conversation,
  next,
  owedSince,
  refuseVersion,
  settled,
  woken,
} from '../conversation/conversation.domain.ts';

/** The work is done: nothing is owed until the buyer writes again. */
export function close(conversation: Conversation, change: Change): Decision<Conversation, 'VERSION_CONFLICT'> {
  if (conversation.phase === 'closed') return accept(conversation);
  const conflict = refuseVersion(conversation, change.expectedVersion);
  return conflict ?? accept(next(conversation, { ...settled, phase: 'closed', snoozedUntil: null }));
}

const snoozeMaxMs = 366 * 24 * 3_600_000;

/** Puts the conversation aside until a time, or until the buyer writes. What is owed in it stays owed. */
export function snooze(
  conversation: Conversation,
  until: Date | null,
  change: Change,
): Decision<Conversation, 'VERSION_CONFLICT' | 'INVALID_INPUT' | 'ILLEGAL_TRANSITION'> {
  const { phase, snoozedUntil } = conversation;
  if (phase === 'snoozed' && snoozedUntil?.getTime() === until?.getTime()) return accept(conversation);
  const conflict = refuseVersion(conversation, change.expectedVersion);
  if (conflict !== null) return conflict;
  if (phase === 'closed')
    return refuse('ILLEGAL_TRANSITION', 'conversationId', 'The conversation is closed: reopen it to snooze it.');
  if (until !== null && (until <= change.now || until.getTime() > change.now.getTime() + snoozeMaxMs))
    return refuse('INVALID_INPUT', 'until', 'Take a time in the future, at most a year from now.');
  return accept(next(conversation, { phase: 'snoozed', snoozedUntil: until }));
}

/** Takes a closed or snoozed conversation up again; in a closed one, an answer is owed again. */
export function reopen(conversation: Conversation, change: Change): Decision<Conversation, 'VERSION_CONFLICT'> {
  if (conversation.phase === 'open') return accept(conversation);
  const conflict = refuseVersion(conversation, change.expectedVersion);
  if (conflict !== null) return conflict;
  if (conversation.phase === 'snoozed') return accept(wake(conversation));
  return accept(next(conversation, { state: 'pending', waitingSince: owedSince(conversation, change.now) }));
}

/** The conversation once the time is over for which it was put aside. */
export function wake(conversation: Conversation): Conversation {
  return conversation.phase === 'snoozed' ? next(conversation, woken(conversation)) : conversation;
}
