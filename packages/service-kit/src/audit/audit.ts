import type { Transaction } from 'kysely';
import type { RequestContext } from '../http/request-context.ts';
import { signedIn } from '../http/graphql.ts';
import { crashPoint } from '../runtime/crash-point.ts';
import { auditKeyOf, nextEntry } from './audit-chain.ts';
import { insertEntry, lockHead, saveHead } from './audit.store.ts';

/** To be called with the id of what a mutation has made or changed. A mutation that did nothing does not call it. */
type Done = (targetId: string | null) => void;

export interface Audit {
  /**
   * The work of a mutation's transaction, followed by its entry on the audit chain of the caller's tenant. The head of the
   * chain is locked last, so that it is held for as short as can be and no lock is ever waited for behind it.
   */
  mutation<Tables, Result>(
    request: Pick<RequestContext, 'caller'>,
    action: string,
    work: (trx: Transaction<Tables>, done: Done) => Promise<Result>,
  ): (trx: Transaction<Tables>) => Promise<Result>;
}

export function createAudit(service: string, master: Buffer): Audit {
  const key = auditKeyOf(master, service);
  return {
    mutation: (request, action, work) => async (trx) => {
      const targets: (string | null)[] = [];
      const result = await work(trx, (targetId) => targets.push(targetId));
      const [targetId] = targets;
      if (targetId === undefined) return result;
      const { head, at } = await lockHead(trx, signedIn(request).tenantId);
      const entry = nextEntry(key, head, { at, ...actorOf(request), action, targetId });
      await insertEntry(trx, entry);
      crashPoint('audit-entry-written', service);
      await saveHead(trx, entry);
      return result;
    },
  };
}

function actorOf(request: Pick<RequestContext, 'caller'>): { actorKind: 'agent' | 'api-token'; actorId: string } {
  const { caller } = request;
  return { actorKind: caller.kind === 'api-token' ? 'api-token' : 'agent', actorId: signedIn(request).agentId };
}
