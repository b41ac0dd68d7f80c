import type { TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import { kitTables } from '../db/kit-tables.ts';

export interface ClientRequest {
  readonly tenantId: TenantId;
  /** The kind of thing the request creates: the same key may create one of each kind. */
  readonly kind: string;
  readonly clientMutationId: string;
  /** Digest of what the client asked for. */
  readonly contentHash: Buffer;
}

/** An earlier request with the same key. */
export interface EarlierRequest {
  readonly resultId: string;
  readonly isSameContent: boolean;
}

/** The earlier request with this key; null for a new request. */
export async function findClientRequest<Tables>(
  trx: Transaction<Tables>,
  { tenantId, kind, clientMutationId, contentHash }: ClientRequest,
): Promise<EarlierRequest | null> {
  const row = await kitTables(trx)
    .selectFrom('client_request')
    .select(['result_id', 'content_hash'])
    .where('tenant_id', '=', tenantId)
    .where('kind', '=', kind)
    .where('client_mutation_id', '=', clientMutationId)
    .executeTakeFirst();
  return row === undefined ? null : { resultId: row.result_id, isSameContent: contentHash.equals(row.content_hash) };
}

/**
 * Records the thing a request creates. Of two that arrive together the second waits here for the commit of the first,
 * and gets the first; null means this request is the first.
 */
export async function claimClientRequest<Tables>(
  trx: Transaction<Tables>,
  request: ClientRequest,
  resultId: string,
): Promise<EarlierRequest | null> {
  const { tenantId, kind, clientMutationId, contentHash } = request;
  const inserted = await kitTables(trx)
    .insertInto('client_request')
    .values({
      tenant_id: tenantId,
      kind,
      client_mutation_id: clientMutationId,
      content_hash: contentHash,
      result_id: resultId,
      created_at: sql<Date>`now()`,
    })
    .onConflict((clash) => clash.columns(['tenant_id', 'kind', 'client_mutation_id']).doNothing())
    .returning('result_id')
    .executeTakeFirst();
  return inserted === undefined ? findClientRequest(trx, request) : null;
}

const keptDays = 30;

/** Deletes requests that no client will repeat any more. */
export async function forgetClientRequests<Tables>(trx: Transaction<Tables>): Promise<void> {
  await kitTables(trx)
    .deleteFrom('client_request')
    .where('created_at', '<', sql<Date>`now() - ${keptDays} * interval '1 day'`)
    .execute();
}
