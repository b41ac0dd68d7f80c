import { sql, type Transaction } from 'kysely';
import type { TenantId } from '@crossdesk/contracts';

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
  const { rows } = await sql<{ result_id: string }>`
    select result_id from client_request
    where tenant_id = ${tenantId} and kind = ${kind} and client_mutation_id = ${clientMutationId}`.execute(trx);
  return rows[0]?.result_id ?? null;
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
  const { rows } = await sql`
    insert into client_request (tenant_id, kind, client_mutation_id, result_id, created_at)
    values (${tenantId}, ${kind}, ${clientMutationId}, ${resultId}, now())
    on conflict (tenant_id, kind, client_mutation_id) do nothing returning result_id`.execute(trx);
  return rows.length === 1 ? null : findClientRequest(trx, request);
}

const keptDays = 30;

/** Forgets requests that no client repeats any more. */
export async function forgetClientRequests<Tables>(trx: Transaction<Tables>): Promise<void> {
  await sql`delete from client_request where created_at < now() - ${keptDays} * interval '1 day'`.execute(trx);
}
