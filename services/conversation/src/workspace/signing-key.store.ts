import { sql, type Transaction } from 'kysely';
import type { DB } from '../db.ts';

export interface SealedKey {
  readonly id: string;
  readonly publicJwk: object;
  readonly sealedPrivate: Buffer;
}

/** Makes processes that start together take turns, so that only one of them creates the key. Worker role only. */
export async function lockSigningKeys(trx: Transaction<DB>): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext('conversation signing keys'))`.execute(trx);
}

/** Newest first: the newest key signs, all of them verify. */
export async function listSigningKeys(trx: Transaction<DB>): Promise<SealedKey[]> {
  const rows = await trx
    .selectFrom('signing_key')
    .select(['id', 'public_jwk', 'sealed_private'])
    .orderBy('created_at', 'desc')
    .execute();
  return rows.map((row) => ({ id: row.id, publicJwk: row.public_jwk, sealedPrivate: row.sealed_private }));
}

export async function insertSigningKey(trx: Transaction<DB>, key: SealedKey, now: Date): Promise<void> {
  await trx
    .insertInto('signing_key')
    .values({
      id: key.id,
      public_jwk: JSON.stringify(key.publicJwk),
      sealed_private: key.sealedPrivate,
      created_at: now,
    })
    .execute();
}
