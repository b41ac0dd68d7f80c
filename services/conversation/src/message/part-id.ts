import type { MessageId } from '@crossdesk/contracts';

/** The digits at the end of an id that are counted up. */
const digits = 12;
const end = 16 ** digits;

/**
 * The id of a further message of one reply, by its number from 1: behind the id of the first in every order, and the same
 * whenever the reply is repeated.
 */
export function partId(first: MessageId, number: number): MessageId {
  const last = (Number.parseInt(first.slice(-digits), 16) + number) % end;
  return `${first.slice(0, -digits)}${last.toString(16).padStart(digits, '0')}` as MessageId;
}
