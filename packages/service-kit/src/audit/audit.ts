import type { TenantId } from '@crossdesk/contracts';
import type { Transaction } from 'kysely';
import type { Principal } from '../caller/principal.ts';
import { beforeCommit } from '../db/timed-transaction.ts';
import { crashPoint } from '../runtime/crash-point.ts';
import { type AuditActor, type AuditPlace, auditKeyOf, nextEntry } from './audit-chain.ts';
import { insertEntry, lockHead, saveHead } from './audit.store.ts';

/** Something that somebody did. */
export interface Deed {
  readonly actor: Principal;
  /** The name of the mutation that does it. */
  readonly action: string;
  /** What it was done to; null where that has no id of ours. */
  readonly targetId: string | null;
}

export interface Audit {
  /**
   * Puts an entry on the audit chain of the actor's tenant, right before the transaction commits: the head of the chain is
   * locked last, so that it is held for as short as can be and no lock is ever waited for behind it.
   */
  note<Tables>(trx: Transaction<Tables>, deed: Deed): void;
}

export function createAudit(service: string, master: Buffer): Audit {
  const key = auditKeyOf(master, service);
  const noted = new WeakMap<object, Deed[]>();

  async function write<Tables>(trx: Transaction<Tables>, tenantId: TenantId, deeds: readonly Deed[]): Promise<void> {
    const { head, at } = await lockHead(trx, tenantId);
    let place: AuditPlace = head;
    for (const { actor, action, targetId } of deeds) {
      const entry = nextEntry(key, place, { at, ...auditActorOf(actor), action, targetId });
      await insertEntry(trx, entry);
      place = entry;
    }
    crashPoint('audit-entry-written', service);
    await saveHead(trx, place);
  }

  return {
    note(trx, deed) {
      const known = noted.get(trx);
      if (known !== undefined) return void known.push(deed);
      const deeds = [deed];
      noted.set(trx, deeds);
      beforeCommit(trx, async () => {
        // In one order, so that two transactions with the same tenants do not wait for each other.
        const byTenant = [...Map.groupBy(deeds, ({ actor }) => actor.tenantId)].sort(([a], [b]) => (a < b ? -1 : 1));
        for (const [tenantId, own] of byTenant) await write(trx, tenantId, own);
      });
    },
  };
}

/** How audit entries name who acts. */
export function auditActorOf(actor: Principal): AuditActor {
  switch (actor.kind) {
    case 'agent':
    case 'api-token':
      return { actorKind: actor.kind, actorId: actor.agentId };
    case 'automation':
      return { actorKind: 'automation', actorId: actor.ruleId };
    case 'system':
      return { actorKind: 'system', actorId: null };
  }
}
