import type { TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB } from './db.ts';

export interface ClientRequest {
  readonly tenantId: TenantId;
  readonly kind: DB['client_request']['kind'];
  readonly clientMutationId: string;
}

/** What an earlier request of the same client id made; null for a new one. */
export async function findClientRequest(trx: Transaction<DB>, request: ClientRequest): Promise<string | null> {
  const row = await trx
    .selectFrom('client_request')
    .select('result_id')
    .where('tenant_id', '=', request.tenantId)
    .where('kind', '=', request.kind)
    .where('client_mutation_id', '=', request.clientMutationId)
    .executeTakeFirst();
  return row?.result_id ?? null;
}

/**
 * Notes what a request makes. Of two that arrive together the second waits here for the commit of the first, and gets
 * the first one's result back; null means this request is the first.
 */
export async function claimClientRequest(
  trx: Transaction<DB>,
  request: ClientRequest,
  resultId: string,
  now: Date,
): Promise<string | null> {
  const inserted = await trx
    .insertInto('client_request')
    .values({
      tenant_id: request.tenantId,
      kind: request.kind,
      client_mutation_id: request.clientMutationId,
      result_id: resultId,
      created_at: now,
    })
    .onConflict((clash) => clash.columns(['tenant_id', 'kind', 'client_mutation_id']).doNothing())
    .returning('result_id')
    .executeTakeFirst();
  return inserted === undefined ? findClientRequest(trx, request) : null;
}

const keptDays = 30;

/** Forgets requests that no client repeats any more. */
export async function forgetClientRequests(trx: Transaction<DB>): Promise<void> {
  await sql`delete from client_request where created_at < now() - ${keptDays} * interval '1 day'`.execute(trx);
}
