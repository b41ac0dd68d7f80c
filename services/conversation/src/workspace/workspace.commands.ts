import { createHash, timingSafeEqual } from 'node:crypto';
import { newId, type TenantId } from '@crossdesk/contracts';
import { causedOutside, type RequestContext } from '@crossdesk/service-kit';
import type { DB } from '../db.ts';
import { accept, type Outcome, refuse } from '../refusal.domain.ts';
import { type PersonInput, refuseName, refusePerson, refuseSlug } from '../agent/agent-input.domain.ts';
import { type AgentDeps, newPerson, recordPerson } from '../agent/agent.commands.ts';
import type { Agent } from '../agent/agent.store.ts';
import { attemptSubject, takeAttempt } from './sign-in-attempt.store.ts';
import { findWorkspace, insertWorkspace, isAnyWorkspace, lockWorkspaces } from './workspace.store.ts';

export interface WorkspaceInput extends PersonInput {
  readonly setupCode: string;
  readonly workspace: string;
  readonly workspaceName: string;
}

/** Creates the first workspace of an empty installation with its first admin, for who knows the setup code. */
export async function setUpWorkspace(
  deps: AgentDeps & { readonly setupCode: string },
  request: RequestContext,
  input: WorkspaceInput,
): Promise<Outcome<Agent>> {
  const { db, outbox, audit, clock } = deps.runtime;
  const subject = attemptSubject('set up', request.clientAddress);
  if (!(await db.asWorker((trx) => takeAttempt(trx, subject)))) return tooManyAttempts('setupCode');
  if (!isSameSecret(input.setupCode, deps.setupCode)) {
    return refuse(
      'WRONG_CREDENTIALS',
      'setupCode',
      'This is not the setup code: the installation prints it when it starts.',
    );
  }
  const refusal =
    refuseSlug(input.workspace) ?? refuseName('workspaceName', input.workspaceName) ?? refusePerson(input);
  if (refusal !== null) return refusal;
  const tenantId = newId<TenantId>();
  const admin = newPerson(tenantId, { ...input, role: 'admin' });
  const passwordHash = await deps.passwords.hash(input.password);
  const caller = { kind: 'agent', tenantId, agentId: admin.id, role: admin.role } as const;
  const mutation = audit.mutation<DB, Outcome<Agent>>({ caller }, 'createWorkspace', async (trx, done) => {
    await lockWorkspaces(trx);
    if (await isAnyWorkspace(trx)) return alreadySetUp;
    await insertWorkspace(trx, {
      tenantId,
      slug: input.workspace,
      name: input.workspaceName.trim(),
      createdAt: clock.now(),
    });
    await recordPerson(deps.runtime, trx, admin, passwordHash, causedOutside({ kind: 'agent', id: admin.id }));
    done(admin.id);
    return accept(admin);
  });
  const outcome = await db.asWorker(mutation);
  outbox.nudge();
  return outcome;
}

const alreadySetUp = refuse(
  'NOT_ALLOWED',
  'setupCode',
  'This installation has a workspace already: sign in there, or ask its admin to add you.',
);

export function tooManyAttempts(field: string) {
  return refuse('LOCKED_OUT', field, 'Too many failures: try again in 15 minutes.');
}

/** Compares digests, so that neither content nor length shows in the time it takes. */
function isSameSecret(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

/** Creates a workspace without anybody asking through the API, for seeding; the one with this slug is returned if it exists. */
export async function createWorkspace(
  { runtime }: Pick<AgentDeps, 'runtime'>,
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
    return { tenantId };
  });
}

export function hasWorkspaces({ runtime }: Pick<AgentDeps, 'runtime'>): Promise<boolean> {
  return runtime.db.asWorker(isAnyWorkspace);
}
