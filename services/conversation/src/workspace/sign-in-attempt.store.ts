import { createHash } from 'node:crypto';
import type { Transaction } from 'kysely';
import { sql } from 'kysely';
import type { DB, Row } from '../db.ts';

const attemptsMax = 10;
/** By the clock of the database, so that all processes count in the same window, even if their own clocks differ. */
const windowAgo = sql`now() - interval '15 minutes'`;

/** Identifies who tries what from where, without storing any of it in readable form. */
export function attemptSubject(...parts: readonly string[]): Buffer {
  return createHash('sha256').update(JSON.stringify(parts)).digest();
}

/**
 * Counts an attempt before it is made and returns whether it is allowed, so that many attempts at once cannot pass
 * before the first failure is known. Success deletes the count, so only failures stay counted.
 */
export async function takeAttempt(trx: Transaction<DB>, subject: Buffer): Promise<boolean> {
  const { rows } = await sql<Pick<Row<'sign_in_attempt'>, 'attempts'>>`
    insert into sign_in_attempt as a (subject, window_started_at, attempts) values (${subject}, now(), 1)
    on conflict (subject) do update set
      attempts = case when a.window_started_at <= ${windowAgo} then 1 else a.attempts + 1 end,
      window_started_at = case when a.window_started_at <= ${windowAgo} then now() else a.window_started_at end
    returning attempts`.execute(trx);
  return (rows[0]?.attempts ?? 1) <= attemptsMax;
}

export async function forgetAttempts(trx: Transaction<DB>, subject: Buffer): Promise<void> {
  await trx.deleteFrom('sign_in_attempt').where('subject', '=', subject).execute();
}

export async function forgetOldAttempts(trx: Transaction<DB>): Promise<void> {
  await sql`delete from sign_in_attempt where window_started_at <= ${windowAgo}`.execute(trx);
}
