import { refuse, type Refused } from './refusal.domain.ts';

/** Lets through what Postgres can store: no NUL, no half of a surrogate pair. Null when the text is fine. */
export function refuseText(field: string, text: string, charactersMax: number): Refused | null {
  if (text.trim() === '') return refuse('INVALID_INPUT', field, `${field} is empty: write something.`);
  if (text.length > charactersMax) {
    return refuse(
      'INVALID_INPUT',
      field,
      `${field} has ${text.length} characters; at most ${charactersMax} are allowed.`,
    );
  }
  if (text.includes('\u0000') || !text.isWellFormed()) {
    return refuse('INVALID_INPUT', field, `${field} contains characters that are no text: remove them.`);
  }
  return null;
}

const clientMutationIdCharactersMax = 100;

export function refuseClientMutationId(text: string): Refused | null {
  return refuseText('clientMutationId', text, clientMutationIdCharactersMax);
}
