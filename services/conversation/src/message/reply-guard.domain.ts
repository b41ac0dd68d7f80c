import { refuse, type Refused } from '@crossdesk/service-kit/decision';
import type { Conversation } from '../conversation/conversation.domain.ts';

/** What the author of a reply knew; null: they do not say. */
export interface ReplyBasis {
  readonly basis?: number | null | undefined;
  /** They know that the customer was answered elsewhere, and write all the same. */
  readonly ignoreAnsweredElsewhere?: boolean | null | undefined;
}

export const blockedReasons = { STALE_DRAFT: 'stale-draft', ANSWERED_ELSEWHERE: 'answered-elsewhere' } as const;
export type BlockedCode = keyof typeof blockedReasons;

/** Refuses a reply whose author has not read the latest messages and notes. */
export function refuseStale(
  { contentVersion }: Pick<Conversation, 'contentVersion'>,
  { basis }: ReplyBasis,
): Refused<'STALE_DRAFT'> | null {
  if (basis === null || basis === undefined || basis === contentVersion) return null;
  const message = `Something was added since you began: read it, then send again with basis ${contentVersion}.`;
  return refuse('STALE_DRAFT', 'basis', message);
}

/** Refuses a reply to a customer whom a colleague has answered in another conversation since. */
export function refuseAnswered(
  isAnsweredElsewhere: boolean,
  { ignoreAnsweredElsewhere }: ReplyBasis,
): Refused<'ANSWERED_ELSEWHERE'> | null {
  if (!isAnsweredElsewhere || ignoreAnsweredElsewhere === true) return null;
  const message =
    'A colleague has answered this customer in another conversation since: read it, then send again with ignoreAnsweredElsewhere.';
  return refuse('ANSWERED_ELSEWHERE', 'conversationId', message);
}
