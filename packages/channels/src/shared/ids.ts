import { createHash } from 'node:crypto';

/** Ids are parts of keys. Postgres refuses a key above 2,700 bytes. */
export const idCharactersMax = 255;

/** The id as keys use it: a long one is cut, and a hash of the whole id keeps it unique. Twice is the same as once. */
export function keyOfId(id: string): string {
  if (id.length <= idCharactersMax) return id;
  const hash = createHash('sha256').update(id).digest('base64url');
  return `${headOf(id, idCharactersMax - hash.length - 1)}…${hash}`;
}

/** The beginning of a text; half a character at its end is left out. */
export function headOf(text: string, characters: number): string {
  const head = text.slice(0, characters);
  return head.isWellFormed() ? head : head.slice(0, -1).toWellFormed();
}
