import type { TenantId } from '@crossdesk/contracts';
import type { Transaction } from 'kysely';
import type { Principal } from '../caller/principal.ts';
import { beforeCommit } from '../db/timed-transaction.ts';
import { crashPoint } from '../runtime/crash-point.ts';
import type { Keys } from '../runtime/keys.ts';
import { type AuditActor, type AuditPlace, auditKeyOf, nextEntry } from './audit-chain.ts';
import { appendEntry, lockHead } from './audit.store.ts';

/** An action of an actor. */
export interface Deed {
  readonly actor: Principal;
  /** The name of the mutation that does it. */
  readonly action: string;
  /** The target of the action; null if it has no id of ours. */
  readonly targetId: string | null;
}

export interface Audit {
  /**
   * Adds an entry to the audit chain of the actor's tenant, right before the transaction commits: the head of the chain
   * is locked last, so that it is held as briefly as possible and no other lock is waited for while it is held.
   */
  note<Tables>(trx: Transaction<Tables>, deed: Deed): void;
}

export function createAudit(service: string, keys: Keys): Audit {
  const { current: key } = auditKeyOf(keys, service);
  const noted = new WeakMap<object, Deed[]>();

  async function write<Tables>(trx: Transaction<Tables>, tenantId: TenantId, deeds: readonly Deed[]): Promise<void> {
    const { head, at } = await lockHead(trx, tenantId);
    let place: AuditPlace = head;
    for (const { actor, action, targetId } of deeds) {
      const entry = nextEntry(key, place, { at, ...auditActorOf(actor), action, targetId });
      await appendEntry(trx, entry);
      place = entry;
    }
    crashPoint('audit-entry-written', service);
  }

  return {
    note(trx, deed) {
      const known = noted.get(trx);
      if (known !== undefined) return void known.push(deed);
      const deeds = [deed];
      noted.set(trx, deeds);
      beforeCommit(trx, async () => {
        // In a fixed order, so that two transactions with the same tenants cannot deadlock.
        const byTenant = [...Map.groupBy(deeds, ({ actor }) => actor.tenantId)].sort(([a], [b]) => (a < b ? -1 : 1));
        for (const [tenantId, own] of byTenant) await write(trx, tenantId, own);
      });
    },
  };
}

/** The actor as audit entries name it. */
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
