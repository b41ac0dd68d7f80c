import { createHash } from 'node:crypto';
import type { Transaction } from 'kysely';
import { sql } from 'kysely';
import type { DB, Row } from '../db.ts';

/** How many failures are allowed, and for whom. */
export interface AttemptBudget {
  /** Identifies who tries what from where, without storing any of it in readable form. */
  readonly subject: Buffer;
  readonly attemptsMax: number;
  readonly windowMinutes: number;
}

export function attemptSubject(...parts: readonly string[]): Buffer {
  return createHash('sha256').update(JSON.stringify(parts)).digest();
}

/**
 * Counts an attempt in each budget before it is made and returns whether all of them allow it, so that many attempts at
 * once cannot pass before the first failure is known. Windows are those of the database's clock: all processes count in
 * the same ones, even if their own clocks differ.
 */
export async function takeAttempt(trx: Transaction<DB>, budgets: readonly AttemptBudget[]): Promise<boolean> {
  // In one order, so that two attempts with common budgets cannot deadlock.
  const sorted = budgets.toSorted((one, other) => Buffer.compare(one.subject, other.subject));
  const { rows } = await sql<Pick<Row<'sign_in_attempt'>, 'subject' | 'attempts'>>`
    insert into sign_in_attempt as a (subject, window_ends_at, attempts)
    select subject, now() + minutes * interval '1 minute', 1
    from unnest(${sorted.map(({ subject }) => subject)}::bytea[], ${sorted.map(({ windowMinutes }) => windowMinutes)}::integer[])
      as b (subject, minutes)
    on conflict (subject) do update set
      attempts = case when a.window_ends_at <= now() then 1 else a.attempts + 1 end,
      window_ends_at = case when a.window_ends_at <= now() then excluded.window_ends_at else a.window_ends_at end
    returning subject, attempts`.execute(trx);
  return sorted.every(
    ({ subject, attemptsMax }) => (rows.find((row) => row.subject.equals(subject))?.attempts ?? 1) <= attemptsMax,
  );
}

/** After a success: only failures stay counted. */
export async function forgetAttempts(trx: Transaction<DB>, subjects: readonly Buffer[]): Promise<void> {
  await trx.deleteFrom('sign_in_attempt').where('subject', 'in', subjects).execute();
}

/** Takes back an attempt that was no failure: it succeeded, or nothing was checked. The failures before it stay. */
export async function giveAttemptBack(trx: Transaction<DB>, subjects: readonly Buffer[]): Promise<void> {
  await sql`
    update sign_in_attempt set attempts = greatest(attempts - 1, 0) where subject = any(${subjects}::bytea[])`.execute(
    trx,
  );
}

export async function forgetOldAttempts(trx: Transaction<DB>): Promise<void> {
  await sql`delete from sign_in_attempt where window_ends_at <= now()`.execute(trx);
  await sql`delete from sign_in_place where seen_at <= now() - ${placesKeptDays} * interval '1 day'`.execute(trx);
}

const placesKeptDays = 60;

/** Whether somebody signed in from here before: such a place is not shut by failures made elsewhere. */
export async function isKnownPlace(trx: Transaction<DB>, subject: Buffer): Promise<boolean> {
  const row = await trx.selectFrom('sign_in_place').select('subject').where('subject', '=', subject).executeTakeFirst();
  return row !== undefined;
}

export async function rememberPlace(trx: Transaction<DB>, subject: Buffer): Promise<void> {
  await sql`
    insert into sign_in_place (subject, seen_at) values (${subject}, now())
    on conflict (subject) do update set seen_at = excluded.seen_at`.execute(trx);
}
