import { type AuditBreak, auditKeyOf, type AuditPlace, type Keys, verifyChain } from '@crossdesk/service-kit';
import type { Kysely } from 'kysely';
import { entriesAtOnce, entriesBehind, listHeads } from './audit-entries.ts';
import { auditKeysOf, isEndedBy } from './audit-keys.ts';
import { asWorkerOf, otherSecret } from './as-worker-of.ts';
import type { MigrateConfig } from './config.ts';
import { services } from './migrate-all.ts';

export interface VerifiedChain {
  readonly service: string;
  readonly tenantId: string;
  /** Length and hash of the head; operators keep both elsewhere. */
  readonly length: number;
  readonly hash: string;
  readonly broken: AuditBreak | null;
}

/** Verifies every audit chain of every service from its first entry to its head, while the services may run. */
export async function verifyAudit(config: MigrateConfig): Promise<VerifiedChain[]> {
  const chains = [];
  for (const service of services) {
    chains.push(...(await asWorkerOf(config, service, (db) => verifyService(db, service, config.keys))));
  }
  return chains;
}

/** What to do about broken chains. Nobody breaks all of them at their first entry: the keys are others. */
export function problemOf(chains: readonly VerifiedChain[]): string {
  const isOtherKey = chains.every(({ broken }) => broken?.seq === 1 && broken.how === 'hash');
  return isOtherKey
    ? `no chain fits: ${otherSecret}`
    : 'an audit chain is broken: see "Audit log" in docs/operations.md';
}

/** Reads everything in one snapshot, so that entries and heads match although services add entries meanwhile. */
function verifyService(db: Kysely<unknown>, service: string, keys: Keys): Promise<VerifiedChain[]> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (trx) => {
      const chains: VerifiedChain[] = [];
      const accepted = await auditKeysOf(trx, service, keys);
      const { current, previous } = auditKeyOf(keys, service);
      for (const head of await listHeads(trx)) {
        const { tenantId, seq: length, hash } = head;
        const broken = await firstBreak(trx, head, accepted);
        // Once the master secret is changed, only its new key may end a chain.
        const isForged = broken === null && previous === null && !(await isEndedBy(trx, head, current));
        chains.push({ service, tenantId, length, hash, broken: isForged ? { seq: length, how: 'hash' } : broken });
      }
      return chains;
    });
}

async function firstBreak(db: Kysely<unknown>, head: AuditPlace, keys: readonly Buffer[]): Promise<AuditBreak | null> {
  let from: AuditPlace | undefined;
  for (;;) {
    const entries = await entriesBehind(db, head.tenantId, from?.seq ?? 0);
    const last = entries.length < entriesAtOnce ? undefined : entries.at(-1);
    const broken = verifyChain(entries, last ?? head, keys, from);
    if (broken !== null || last === undefined) return broken;
    from = last;
  }
}
