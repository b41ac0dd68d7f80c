import { sql } from 'kysely';
import type { Row, Trx } from '../db.ts';

export type AuthorisationRequest = Omit<Row<'authorisation_request'>, 'state_hash'>;

export async function insertAuthorisationRequest(
  trx: Trx,
  request: Omit<AuthorisationRequest, 'expires_at'> & { readonly state_hash: Buffer },
  validMs: number,
): Promise<Date> {
  const { expires_at } = await trx
    .insertInto('authorisation_request')
    .values({ ...request, expires_at: sql<Date>`now() + ${validMs} * interval '1 millisecond'` })
    .returning('expires_at')
    .executeTakeFirstOrThrow();
  return expires_at;
}

/** Removes and returns the request of a state, which works once; null if the state is unknown, used or too old. */
export async function takeAuthorisationRequest(trx: Trx, stateHash: Buffer): Promise<AuthorisationRequest | null> {
  const row = await trx
    .deleteFrom('authorisation_request')
    .where('state_hash', '=', stateHash)
    .returning(['tenant_id', 'app_id', 'requested_by', 'expires_at', sql<boolean>`expires_at > now()`.as('is_valid')])
    .executeTakeFirst();
  return row?.is_valid === true ? row : null;
}

export async function forgetAuthorisationRequests(trx: Trx): Promise<void> {
  await trx
    .deleteFrom('authorisation_request')
    .where('expires_at', '<', sql<Date>`now()`)
    .execute();
}
