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

/** A command did what it was called for. */
export interface Done<Value> {
  readonly ok: true;
  readonly value: Value;
  /** The id of what was made or changed, for the audit chain; null when nothing was to be done. */
  readonly did: string | null;
}

/** What became of a command. A refused one has written nothing. */
export type Outcome<Value, Code extends string> = Done<Value> | Refused<Code>;

/**
 * Decides and writes, in the transaction of its call. It opens no transaction, reads no request and sends nothing: so a
 * mutation, a consumer and a timer can all carry it out.
 */
export type Command<Tables, Result extends Outcome<unknown, string>> = (call: CommandCall<Tables>) => Promise<Result>;

export function changed<Value>(value: Value, id: string): Done<Value> {
  return { ok: true, value, did: id };
}

export function unchanged<Value>(value: Value): Done<Value> {
  return { ok: true, value, did: null };
}
