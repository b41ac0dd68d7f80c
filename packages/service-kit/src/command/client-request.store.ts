import type { TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import { kitTables } from '../db/kit-tables.ts';

export interface ClientRequest {
  readonly tenantId: TenantId;
  /** What the request makes: the same key may make one of each kind. */
  readonly kind: string;
  readonly clientMutationId: string;
}

/** The id of what an earlier request with this key made; null for a new one. */
export async function findClientRequest<Tables>(
  trx: Transaction<Tables>,
  { tenantId, kind, clientMutationId }: ClientRequest,
): Promise<string | null> {
  const row = await kitTables(trx)
    .selectFrom('client_request')
    .select('result_id')
    .where('tenant_id', '=', tenantId)
    .where('kind', '=', kind)
    .where('client_mutation_id', '=', clientMutationId)
    .executeTakeFirst();
  return row?.result_id ?? null;
}

/**
 * Notes what a request makes. Of two that arrive together the second waits here for the commit of the first, and gets
 * the first one's result back; null means this request is the first.
 */
export async function claimClientRequest<Tables>(
  trx: Transaction<Tables>,
  request: ClientRequest,
  resultId: string,
): Promise<string | null> {
  const { tenantId, kind, clientMutationId } = request;
  const inserted = await kitTables(trx)
    .insertInto('client_request')
    .values({
      tenant_id: tenantId,
      kind,
      client_mutation_id: clientMutationId,
      result_id: resultId,
      created_at: sql<Date>`now()`,
    })
    .onConflict((clash) => clash.columns(['tenant_id', 'kind', 'client_mutation_id']).doNothing())
    .returning('result_id')
    .executeTakeFirst();
  return inserted === undefined ? findClientRequest(trx, request) : null;
}

const keptDays = 30;

/** Forgets requests that no client repeats any more. */
export async function forgetClientRequests<Tables>(trx: Transaction<Tables>): Promise<void> {
  await kitTables(trx)
    .deleteFrom('client_request')
    .where('created_at', '<', sql<Date>`now() - ${keptDays} * interval '1 day'`)
    .execute();
}
