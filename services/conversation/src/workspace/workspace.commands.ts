import { changed, type CommandCall, type Outcome, refuse, type ServiceRuntime } from '@crossdesk/service-kit';
import { recordAgent } from '../agent/agent.commands.ts';
import type { Agent } from '../agent/agent.store.ts';
import type { DB } from '../db.ts';
import { insertPresets } from '../view/view.store.ts';
import { insertWorkspace, isAnyWorkspace, lockWorkspaces } from './workspace.store.ts';

export interface FirstWorkspace {
  readonly slug: string;
  readonly name: string;
  readonly admin: Agent;
  readonly passwordHash: string;
}

/** Creates the workspace of its actor, the first admin, if the installation has none yet. Worker role only. */
export async function createFirstWorkspace(
  deps: Pick<ServiceRuntime<DB>, 'outbox' | 'clock'>,
  { trx, actor: { tenantId }, origin }: CommandCall<DB>,
  { slug, name, admin, passwordHash }: FirstWorkspace,
): Promise<Outcome<Agent, 'FORBIDDEN'>> {
  await lockWorkspaces(trx);
  if (await isAnyWorkspace(trx)) return alreadySetUp;
  await insertWorkspace(trx, { tenantId, slug, name: name.trim(), createdAt: deps.clock.now() });
  await insertPresets(trx, tenantId);
  await recordAgent(deps, trx, admin, passwordHash, origin);
  return changed(admin, admin.id);
}

const alreadySetUp = refuse(
  'FORBIDDEN',
  'setupCode',
  'This installation already has a workspace: sign in there, or ask its admin to add you.',
);
