import { sql, type Transaction } from 'kysely';
import { auditKeyOf, nextEntry } from '../../../../packages/service-kit/src/audit/audit-chain.ts';
import type * as original from '../../../../packages/service-kit/src/audit/audit.ts';
import { insertEntry, lockHead, saveHead } from '../../../../packages/service-kit/src/audit/audit.store.ts';
import { signedIn } from '../../../../packages/service-kit/src/http/graphql.ts';

export * from '../../../../packages/service-kit/src/audit/audit.ts';

/** Reads the end of the chain before the work, and never locks it. */
export const createAudit: typeof original.createAudit = (service, master) => {
  const key = auditKeyOf(master, service);
  return {
    mutation: (request, action, work) => async (trx) => {
      const { tenantId, agentId } = signedIn(request);
      const { head, at } = (await readHead(trx, tenantId)) ?? (await lockHead(trx, tenantId));
      const targets: (string | null)[] = [];
      const result = await work(trx, (targetId) => targets.push(targetId));
      const [targetId] = targets;
      if (targetId === undefined) return result;
      const actorKind = request.caller.kind === 'api-token' ? 'api-token' : 'agent';
      const entry = nextEntry(key, head, { at, actorKind, actorId: agentId, action, targetId });
      await insertEntry(trx, entry);
      await saveHead(trx, entry);
      return result;
    },
  };
};

async function readHead<Tables>(trx: Transaction<Tables>, tenantId: string) {
  const { rows } = await sql<{ seq: number; hash: string; at: Date }>`
    select seq::int, encode(hash, 'hex') as hash, date_trunc('milliseconds', clock_timestamp()) as at
    from audit_head where tenant_id = ${tenantId}`.execute(trx);
  return rows.map(({ seq, hash, at }) => ({ head: { tenantId, seq, hash }, at }))[0] ?? null;
}
