import type { Buyer } from '@crossdesk/contracts';
import { UnparsableDelivery } from '../port/errors.ts';
import type { Listed, UnreadableElement } from '../port/reading.port.ts';
import type { Fact } from '../port/webhooks.port.ts';
import { field, list, text } from './platform-json.ts';

/** Reads the facts of one element of a body. If it cannot be read, only this element becomes `unreadable`. */
export function factsAt(at: string, read: () => readonly Fact[]): readonly Fact[] {
  try {
    return read().map((fact) => ({ at, ...fact }));
  } catch (cause) {
    return [{ type: 'unreadable', at, reason: reasonOf(cause) }];
  }
}

/** Reads each element of an array in a body; `read` may return nothing. */
export function factsOfEach(
  at: string,
  values: unknown,
  read: (value: unknown, at: string) => readonly Fact[],
): readonly Fact[] {
  return list(values).flatMap((value, index) => {
    const place = `${at}.${index}`;
    return factsAt(place, () => read(value, place));
  });
}

/** Reads the elements of a list. `rawOf` adds what is needed to read an element again without the list. */
export function readListed<Item>(
  values: unknown,
  read: (value: unknown) => Item | null,
  rawOf: (value: unknown) => unknown = (value) => value,
): Listed<Item> {
  const items: Item[] = [];
  const unreadable: UnreadableElement[] = [];
  for (const value of list(values)) {
    try {
      const item = read(value);
      if (item !== null) items.push(item);
    } catch (cause) {
      unreadable.push(unreadableOf(rawOf(value), cause));
    }
  }
  return { items, unreadable };
}

function unreadableOf(value: unknown, cause: unknown): UnreadableElement {
  return { reason: reasonOf(cause), raw: JSON.stringify(value) };
}

export function joined<Item>(lists: readonly Listed<Item>[]): Listed<Item> {
  return {
    items: lists.flatMap(({ items }) => items),
    unreadable: lists.flatMap(({ unreadable }) => unreadable),
  };
}

/** The buyer that was kept with an element; null when there was none. */
export function readKeptBuyer(value: unknown): Buyer | null {
  const externalId = text(field(value, 'externalId'));
  if (externalId === null) return null;
  const told = (name: keyof Buyer) => text(field(value, name));
  return {
    externalId,
    commerceId: told('commerceId'),
    name: told('name'),
    phone: told('phone'),
    email: told('email'),
    avatarUrl: told('avatarUrl'),
    locale: told('locale'),
  };
}

/** Only what an adapter cannot read is kept apart; any other error is a fault of ours. */
function reasonOf(cause: unknown): string {
  if (cause instanceof UnparsableDelivery) return cause.message;
  throw cause;
}
