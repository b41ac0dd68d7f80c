import type { Conversation } from '../conversation/conversation.domain.ts';
import { isMarked, type Mark, type MarkKind, markKinds } from '../conversation/marks.domain.ts';

/** A mark as people see it. */
export interface ShownMark {
  readonly kind: 'awaiting-reply' | 'overdue' | MarkKind;
  readonly since: Date;
  readonly isStanding: boolean;
  readonly mark: Mark | null;
}

/** What marks a conversation, also what does not stand. */
export function shownMarks(conversation: Conversation): ShownMark[] {
  const { waitingSince, overdueSince, marks } = conversation;
  const owed = (kind: 'awaiting-reply' | 'overdue', since: Date | null): ShownMark[] =>
    since === null ? [] : [{ kind, since, isStanding: true, mark: null }];
  const found = markKinds.flatMap((kind): ShownMark[] => {
    const mark = marks[kind];
    if (mark === null) return [];
    return [{ kind, since: mark.derived.since, isStanding: isMarked(conversation, kind), mark }];
  });
  return [...owed('awaiting-reply', waitingSince), ...owed('overdue', overdueSince), ...found];
}
