import type { Transaction } from 'kysely';
import type { Principal } from '../caller/principal.ts';
import type { Origin } from '../outbox/outbox.ts';
import type { Refused } from './decision.domain.ts';

/** One call of a command: the transaction it runs in, who acts, and what caused it. */
export interface CommandCall<Tables> {
  readonly trx: Transaction<Tables>;
  readonly actor: Principal;
  readonly origin: Origin;
}

/** The result of a command that succeeded. */
export interface Done<Value> {
  readonly ok: true;
  readonly value: Value;
  /** The id of the thing created or changed, for the audit chain; null when there was nothing to do. */
  readonly did: string | null;
}

/** The outcome of a command. A refused command has written nothing. */
export type Outcome<Value, Code extends string> = Done<Value> | Refused<Code>;

/**
 * Decides and writes, in the transaction of its call. It opens no transaction, reads no request and sends nothing, so
 * that a mutation, a consumer and a timer can all carry it out.
 */
export type Command<Tables, Result extends Outcome<unknown, string>> = (call: CommandCall<Tables>) => Promise<Result>;

export function changed<Value>(value: Value, id: string): Done<Value> {
  return { ok: true, value, did: id };
}

export function unchanged<Value>(value: Value): Done<Value> {
  return { ok: true, value, did: null };
}
