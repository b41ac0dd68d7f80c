import type { NormalisedMessage } from '@crossdesk/channels/adapters';

/** A push may take this long; what the list shows earlier may still be on its way. */
const pushMsMax = 60_000;

/**
 * The messages of buyers in a list that a push should have brought by now. Whoever has them already is not among the
 * missed; the first list of an account (`from` is empty) is its history.
 */
export function pushedByNow(
  messages: readonly NormalisedMessage[],
  { from, pushes, now }: { readonly from: string; readonly pushes: boolean; readonly now: Date },
): NormalisedMessage[] {
  if (!pushes || from === '') return [];
  return messages.filter(
    ({ direction, occurredAt }) => direction === 'inbound' && now.getTime() - occurredAt.getTime() > pushMsMax,
  );
}
