import type { CaseId, EventData } from '@crossdesk/contracts';
import type { EventDraft, LockedAggregate, Origin } from '@crossdesk/service-kit';
import type { Conversation, ConversationState } from './conversation.domain.ts';
import { markKinds, standingMarks } from './marks.domain.ts';

/** The part that every event of a conversation repeats. */
export function snapshotOf(conversation: Conversation): EventData<'conversation.changed'>['conversation'] {
  return {
    conversationId: conversation.id,
    accountId: conversation.accountId,
    channel: conversation.channel,
    state: conversation.state,
    priority: conversation.priority,
    assigneeId: conversation.assigneeId,
    phase: conversation.phase,
    snoozedUntil: conversation.snoozedUntil?.toISOString() ?? null,
    cycle: conversation.cycle,
    teamId: conversation.teamId,
    enquiryType: conversation.enquiry?.type ?? null,
    enquirySubtype: conversation.enquiry?.subtype ?? null,
    language: conversation.language,
    unreadCount: conversation.unreadCount,
    inboundCount: conversation.inboundSeq,
    waitingSince: conversation.waitingSince?.toISOString() ?? null,
    lastMessageAt: conversation.lastMessageAt.toISOString(),
    marks: standingMarks(conversation),
    ...(conversation.overdueSince === null ? {} : { overdueSince: conversation.overdueSince.toISOString() }),
    ...(conversation.joinedInto === null ? {} : { joinedInto: conversation.joinedInto }),
  };
}

/** The context of an event: the locked conversation, its state after the change, and the origin of the change. */
export interface ChangedConversation {
  readonly aggregate: LockedAggregate;
  readonly conversation: Conversation;
  readonly origin: Origin;
}

export function conversationChanged(
  changed: ChangedConversation,
  change: EventData<'conversation.changed'>['change'],
  previousState: ConversationState,
): EventDraft<'conversation.changed'> {
  return {
    aggregate: changed.aggregate,
    type: 'conversation.changed',
    origin: changed.origin,
    data: { conversation: snapshotOf(changed.conversation), change, previousState },
  };
}

/** All tags that it has now, and that it had. */
export function tagsChanged(
  { aggregate, conversation, origin }: ChangedConversation,
  { tags, previousTags }: { readonly tags: string[]; readonly previousTags: string[] },
): EventDraft<'conversation.changed'> {
  const data = {
    conversation: snapshotOf(conversation),
    change: 'tags',
    previousState: conversation.state,
    tags,
    previousTags,
  } as const;
  return { aggregate, type: 'conversation.changed', origin, data };
}

/** An after-sales case is about the conversation, or no longer. */
export function caseLinkChanged(
  { aggregate, conversation, origin }: ChangedConversation,
  caseId: CaseId,
  isLinked: boolean,
): EventDraft<'conversation.changed'> {
  const change = isLinked ? ('case-linked' as const) : ('case-unlinked' as const);
  const data = { conversation: snapshotOf(conversation), change, previousState: conversation.state, caseId };
  return { aggregate, type: 'conversation.changed', origin, data };
}

export function conversationTransferred(
  { aggregate, conversation, origin }: ChangedConversation,
  handed: Pick<EventData<'conversation.transferred'>, 'fromAgentId' | 'toTeamId' | 'noteId'>,
): EventDraft<'conversation.transferred'> {
  const data = { conversation: snapshotOf(conversation), ...handed, toAgentId: conversation.assigneeId };
  return { aggregate, type: 'conversation.transferred', origin, data };
}

/** Which marks stood before, and what is behind those of now. */
export function marksChanged(
  { aggregate, conversation, origin }: ChangedConversation,
  before: Conversation,
): EventDraft<'conversation.marks-changed'> {
  const judged = markKinds.flatMap((mark) => {
    const known = conversation.marks[mark];
    if (known === null) return [];
    const { derived, word } = known;
    const { isOn: isDerived, score, reasons } = derived;
    return [
      { mark, isDerived, score, reasons: [...reasons], verdict: word?.verdict ?? null, agentId: word?.by ?? null },
    ];
  });
  const data = { conversation: snapshotOf(conversation), previousMarks: standingMarks(before), judged };
  return { aggregate, type: 'conversation.marks-changed', origin, data };
}

/** A conversation was given to its assignee by the queue: how, and why. */
export function assigned(
  { aggregate, conversation, origin }: ChangedConversation,
  assignment: NonNullable<EventData<'conversation.changed'>['assignment']>,
): EventDraft<'conversation.changed'> {
  const change = { change: 'assignee', previousState: conversation.state, assignment } as const;
  return {
    aggregate,
    type: 'conversation.changed',
    origin,
    data: { conversation: snapshotOf(conversation), ...change },
  };
}
