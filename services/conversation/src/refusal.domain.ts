export type UserErrorCode =
  | 'NOT_FOUND'
  | 'NOT_ALLOWED'
  | 'VERSION_CONFLICT'
  | 'ILLEGAL_TRANSITION'
  | 'INVALID_INPUT'
  | 'KIND_NOT_SUPPORTED'
  | 'TEXT_TOO_LONG'
  | 'QUOTA_EXCEEDED'
  | 'WINDOW_CLOSED'
  | 'WRONG_CREDENTIALS'
  | 'LOCKED_OUT'
  | 'ALREADY_EXISTS';

/** An expected refusal, for people: the message says what to do next, the path names the place in the input. */
export interface UserError {
  readonly code: UserErrorCode;
  readonly message: string;
  readonly path: string[];
}

export interface Accepted<Value> {
  readonly ok: true;
  readonly value: Value;
}

export interface Refused {
  readonly ok: false;
  readonly errors: UserError[];
}

export type Outcome<Value> = Accepted<Value> | Refused;

export function accept<Value>(value: Value): Accepted<Value> {
  return { ok: true, value };
}

/** Refuses because of one field of the input. */
export function refuse(code: UserErrorCode, field: string, message: string): Refused {
  return { ok: false, errors: [{ code, message, path: ['input', field] }] };
}
