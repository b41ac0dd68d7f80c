import { callOf, type RequestContext, type ServiceRuntime, signedIn } from '@crossdesk/service-kit';
import type { DB } from '../db.ts';
import { welcomeAgent } from './agent.commands.ts';
import { type Agent, agentsByIds } from './agent.store.ts';

/**
 * The agent behind a request; null if an admin has to add them first. A person who comes through an external provider
 * for the first time becomes an agent. That is not a mutation they asked for, so it is recorded by its event and not on
 * the audit chain.
 */
export async function agentBehind(
  { db, outbox, clock }: Pick<ServiceRuntime<DB>, 'db' | 'outbox' | 'clock'>,
  request: RequestContext,
): Promise<Agent | null> {
  const caller = signedIn(request);
  const { tenantId, agentId: id, role } = caller;
  const known = await db.forTenant(tenantId, (trx) => agentsByIds(trx, tenantId, [id]));
  const existing = known.get(id) ?? null;
  if (existing !== null || caller.kind !== 'agent' || caller.profile === undefined) return existing;
  const vouched = { ...caller.profile, id, role };
  const welcomed = await db.forTenant(tenantId, (trx) =>
    welcomeAgent({ outbox, clock }, callOf(request, trx), vouched),
  );
  return welcomed.value;
}
