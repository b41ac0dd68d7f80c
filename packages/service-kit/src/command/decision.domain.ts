export type { Permission } from '../caller/permission.port.ts';

/** An expected refusal, for people: the message says what to do next, the path names the place in the input. */
export interface UserError<Code extends string> {
  readonly code: Code;
  readonly message: string;
  readonly path: string[];
}

export interface Accepted<Value> {
  readonly ok: true;
  readonly value: Value;
}

export interface Refused<Code extends string> {
  readonly ok: false;
  readonly errors: readonly UserError<Code>[];
}

/**
 * The answer of a rule to a request: the resulting value, or the refusal. The codes a rule may refuse with are part of
 * its type.
 */
export type Decision<Value, Code extends string> = Accepted<Value> | Refused<Code>;

export function accept<Value>(value: Value): Accepted<Value> {
  return { ok: true, value };
}

/** Refuses because of one field of the input; null: because of the input as a whole. */
export function refuse<const Code extends string>(code: Code, field: string | null, message: string): Refused<Code> {
  return { ok: false, errors: [{ code, message, path: field === null ? ['input'] : ['input', field] }] };
}

/** Whether nobody sees anything of it: spaces, joiners, marks of direction, blanks of other scripts. */
export function isBlank(text: string): boolean {
  return /^[\p{White_Space}\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}\u2800]*$/u.test(text);
}

/** Refuses text that is empty or too long. Null when the text is valid. */
export function refuseText(field: string, text: string, charactersMax: number): Refused<'INVALID_INPUT'> | null {
  if (isBlank(text)) return refuse('INVALID_INPUT', field, `${field} is empty: write something.`);
  if (text.length > charactersMax) {
    const message = `${field} has ${text.length} characters; at most ${charactersMax} are allowed.`;
    return refuse('INVALID_INPUT', field, message);
  }
  return null;
}

const clientMutationIdCharactersMax = 100;

export function refuseClientMutationId(text: string): Refused<'INVALID_INPUT'> | null {
  return refuseText('clientMutationId', text, clientMutationIdCharactersMax);
}
