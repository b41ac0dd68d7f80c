import { parseId } from '@crossdesk/contracts';
import { refuse, type Refused } from '@crossdesk/service-kit';

/**
 * Refuses ids of stores that are no ids; null when they are well formed. Which stores there are is known to ingest only,
 * so that an id of none is kept: it fits nothing.
 */
export function refuseStoreIds(
  field: string,
  texts: readonly string[] | null | undefined,
): Refused<'INVALID_INPUT'> | null {
  const malformed = texts?.find((text) => parseId(text) === null);
  if (malformed === undefined) return null;
  const message = `${JSON.stringify(malformed.slice(0, 100))} is no id of a store: take them from channelAccounts.`;
  return refuse('INVALID_INPUT', field, message);
}
