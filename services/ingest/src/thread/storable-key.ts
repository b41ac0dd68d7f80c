import { idCharactersMax, keyOfId } from '@crossdesk/channels/adapters';
import { cleaned } from '@crossdesk/service-kit';
import { LRUCache } from 'lru-cache';

/** Parts of one message share their ids: a long one is hashed once, not for each part. */
const keys = new LRUCache<string, string>({ maxSize: 4_000_000, sizeCalculation: (_key, id) => id.length });

/** The id as keys use it, of text that Postgres can store. */
export function storableKeyOf(id: string): string {
  if (id.length <= idCharactersMax) return id;
  const known = keys.get(id);
  if (known !== undefined) return known;
  const key = keyOfId(cleaned(id));
  keys.set(id, key);
  return key;
}
