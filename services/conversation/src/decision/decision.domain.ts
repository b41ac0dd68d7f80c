import { refuse, type Refused } from '@crossdesk/service-kit/decision';
import type { Conversation } from '../conversation/conversation.domain.ts';

/** What a machine knew when it decided to write. */
export interface Basis {
  readonly purpose: 'answer' | 'acknowledgement' | 'notice' | 'agent';
  /** The version of the conversation it knew; null if it decided by none. */
  readonly basedOnVersion: number | null;
  readonly decidedAt: Date;
}

/**
 * Whether a decided message may no longer be written: a machine never speaks over a person, nor answers a question that
 * the buyer has changed meanwhile; that a person will answer stays true. Null: it may.
 */
export function refuseOutdated(
  { personVersion, buyerVersion, erasedAt }: Pick<Conversation, 'personVersion' | 'buyerVersion' | 'erasedAt'>,
  { purpose, basedOnVersion, decidedAt }: Basis,
): Refused<'ERASED' | 'TURN_TAKEN' | 'NEWER_MESSAGE'> | null {
  if (erasedAt !== null && decidedAt <= erasedAt)
    return refuse('ERASED', null, 'The buyer was erased after this was decided: decide again.');
  if (basedOnVersion === null || purpose === 'notice' || purpose === 'agent') return null;
  if (personVersion > basedOnVersion) return refuse('TURN_TAKEN', null, 'A person has taken over since.');
  if (purpose === 'answer' && buyerVersion > basedOnVersion)
    return refuse('NEWER_MESSAGE', null, 'The buyer has written again since.');
  return null;
}
