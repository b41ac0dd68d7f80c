import { sql, type Transaction } from 'kysely';
import { auditKeyOf, nextEntry } from '../../../../packages/service-kit/src/audit/audit-chain.ts';
import * as original from '../../../../packages/service-kit/src/audit/audit.ts';
import { appendEntry, lockHead } from '../../../../packages/service-kit/src/audit/audit.store.ts';
import { beforeCommit } from '../../../../packages/service-kit/src/db/timed-transaction.ts';

export * from '../../../../packages/service-kit/src/audit/audit.ts';

/** Reads the end of the chain when something is noted, and never locks it. */
export const createAudit: typeof original.createAudit = (service, keys) => {
  const { current: key } = auditKeyOf(keys, service);
  return {
    note(trx, { actor, action, targetId }) {
      const { tenantId } = actor;
      const read = readHead(trx, tenantId);
      // The transaction may fail before the step that awaits it.
      read.catch(() => undefined);
      beforeCommit(trx, async () => {
        const { head, at } = (await read) ?? (await lockHead(trx, tenantId));
        await appendEntry(trx, nextEntry(key, head, { at, ...original.auditActorOf(actor), action, targetId }));
      });
    },
  };
};

async function readHead<Tables>(trx: Transaction<Tables>, tenantId: string) {
  const { rows } = await sql<{ seq: number; hash: string; at: Date }>`
    select seq::int, encode(hash, 'hex') as hash, date_trunc('milliseconds', clock_timestamp()) as at
    from audit_head where tenant_id = ${tenantId}`.execute(trx);
  return rows.map(({ seq, hash, at }) => ({ head: { tenantId, seq, hash }, at }))[0] ?? null;
}
