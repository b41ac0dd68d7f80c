import { newId, type TenantId } from '@crossdesk/contracts';
import { actorOf, causedOutside, type Role, type ServiceRuntime } from '@crossdesk/service-kit';
import { type PersonInput, refuseName, refuseSlug } from '../agent/agent-input.domain.ts';
import { readPerson, seedAgent } from '../agent/agent.commands.ts';
import type { Agent } from '../agent/agent.store.ts';
import type { Passwords } from '../agent/password.ts';
import type { DB } from '../db.ts';
import { insertPresets } from '../view/view.store.ts';
import { findWorkspace, insertWorkspace, isAnyWorkspace, lockWorkspaces } from './workspace.store.ts';

interface Seeded {
  readonly runtime: Pick<ServiceRuntime<DB>, 'db' | 'outbox' | 'clock'>;
  readonly passwords: Passwords;
}

/** Adds a person without an API request; returns the existing person with this e-mail address if there is one. */
export async function createAgent(
  { runtime, passwords }: Seeded,
  tenantId: TenantId,
  input: PersonInput & { readonly role: Role },
): Promise<Agent> {
  const person = await readPerson(passwords, { lane: tenantId, network: 'seed' }, input);
  if (!person.ok) throw new Error(person.errors.map((error) => error.message).join(' '));
  const actor = { kind: 'system', tenantId } as const;
  const origin = causedOutside(actorOf(actor));
  const created = await runtime.db.forTenant(tenantId, (trx) =>
    seedAgent(runtime, { trx, actor, origin }, person.value),
  );
  return created.value;
}

/** Creates a workspace without an API request; returns the existing one with this slug if there is one. */
export async function createWorkspace(
  { runtime }: Pick<Seeded, 'runtime'>,
  { slug, name }: { readonly slug: string; readonly name: string },
): Promise<{ tenantId: TenantId }> {
  const refusal = refuseSlug(slug) ?? refuseName('name', name);
  if (refusal !== null) throw new Error(refusal.errors.map((error) => error.message).join(' '));
  return runtime.db.asWorker(async (trx) => {
    await lockWorkspaces(trx);
    const existing = await findWorkspace(trx, slug);
    if (existing !== null) return { tenantId: existing };
    const tenantId = newId<TenantId>();
    await insertWorkspace(trx, { tenantId, slug, name, createdAt: runtime.clock.now() });
    await insertPresets(trx, tenantId);
    return { tenantId };
  });
}

export function hasWorkspaces({ runtime }: { readonly runtime: Pick<ServiceRuntime<DB>, 'db'> }): Promise<boolean> {
  return runtime.db.asWorker(isAnyWorkspace);
}
