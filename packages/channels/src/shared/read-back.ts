import type { Listed, UnreadableElement } from '../port/reading.port.ts';
import type { NormalisedMessage } from '../port/webhooks.port.ts';
import { isPlausible } from './platform-json.ts';

/** One page of a thread; the pages come newest first. */
export interface ThreadPage {
  /** Those that are wanted. */
  readonly messages: readonly NormalisedMessage[];
  readonly unreadable: readonly UnreadableElement[];
  /** Whether the page also has messages that are older than those wanted. */
  readonly reachedOlder: boolean;
  /** The place of the next page; "" after the last one. */
  readonly next: string;
}

/** Whether a message is known to be older than those wanted: one with an odd clock may be new. */
export function isBefore({ occurredAt }: Pick<NormalisedMessage, 'occurredAt'>, since: Date): boolean {
  return isPlausible(occurredAt) && occurredAt < since;
}

/** Reads a thread from its latest page back until a page has older messages, or no page is left that was not read. */
export async function readBack(
  pagesMax: number,
  fetchPage: (place: string) => Promise<ThreadPage>,
): Promise<Listed<NormalisedMessage>> {
  const items: NormalisedMessage[] = [];
  const unreadable: UnreadableElement[] = [];
  const seen = new Set<string>();
  for (let place = ''; !seen.has(place) && seen.size < pagesMax;) {
    seen.add(place);
    const { messages, reachedOlder, next, ...page } = await fetchPage(place);
    items.push(...messages);
    unreadable.push(...page.unreadable);
    if (reachedOlder || next === '') break;
    place = next;
  }
  return { items, unreadable };
}
