import { type Kysely, sql } from 'kysely';
import type { DB } from '../db.ts';

/** The class of the locks of senders, of which each has a number. */
const lives = 61;

/** Until the session ends. */
export async function lockLife(connection: Kysely<DB>, id: number): Promise<void> {
  await sql`select pg_advisory_lock(${lives}, ${id})`.execute(connection);
}

export async function unlockLife(connection: Kysely<DB>, id: number): Promise<void> {
  await sql`select pg_advisory_unlock(${lives}, ${id})`.execute(connection);
}

/** The other processes with a claim whose lock nobody holds. */
export async function findDeadSenders(connection: Kysely<DB>, own: number): Promise<number[]> {
  const { rows } = await sql<{ sender: number }>`
    with claimed as materialized (
      select distinct sender from delivery_intent where status = 'sending' and sender <> ${own} and leased_until > now()
    )
    select sender from claimed where pg_try_advisory_xact_lock(${lives}, sender)`.execute(connection);
  return rows.map(({ sender }) => sender);
}

/** The reconciler takes claims whose lease ended. Returns how many there are. */
export async function endLeases(connection: Kysely<DB>, senders: readonly number[]): Promise<number> {
  const { numAffectedRows } = await sql`
    update delivery_intent set leased_until = now()
    where status = 'sending' and sender = any(${senders}::int[]) and leased_until > now()`.execute(connection);
  return Number(numAffectedRows ?? 0);
}
