import { createHash, timingSafeEqual } from 'node:crypto';
import { newId, type TenantId } from '@crossdesk/contracts';
import {
  actorOf,
  causedOutside,
  type Decision,
  networkOf,
  refuse,
  type Refused,
  type RequestContext,
  type ServiceRuntime,
} from '@crossdesk/service-kit';
import { type PersonInput, refuseName, refuseSlug } from '../agent/agent-input.domain.ts';
import { newAgent, type NewPerson, readPerson } from '../agent/agent.commands.ts';
import type { Agent } from '../agent/agent.store.ts';
import type { Passwords } from '../agent/password.ts';
import type { DB } from '../db.ts';
import { attemptSubject, giveAttemptBack, takeAttempt } from '../agent/sign-in-attempt.store.ts';
import { createFirstWorkspace } from './workspace.commands.ts';

export interface WorkspaceInput extends PersonInput {
  readonly setupCode: string;
  readonly workspace: string;
  readonly workspaceName: string;
}

interface Deps {
  readonly runtime: Pick<ServiceRuntime<DB>, 'db' | 'outbox' | 'clock' | 'commands'>;
  readonly passwords: Passwords;
  readonly setupCode: string;
}

type Refusal = 'BUSY' | 'INVALID_INPUT' | 'LOCKED_OUT' | 'FORBIDDEN' | 'WRONG_CREDENTIALS';

/** Creates the first workspace of an empty installation with its first admin, for a caller who knows the setup code. */
export async function setUpWorkspace(
  deps: Deps,
  { clientAddress }: Pick<RequestContext, 'clientAddress'>,
  input: WorkspaceInput,
): Promise<Decision<Agent, Refusal>> {
  const { db, commands } = deps.runtime;
  const network = networkOf(clientAddress);
  const budget = { subject: attemptSubject('set up', network), attemptsMax: 10, windowMinutes: 15 };
  if (!(await db.asWorker((trx) => takeAttempt(trx, [budget])))) return tooManyAttempts;
  const asker = { lane: 'set up', network };
  const person = refuseWorkspace(deps, input) ?? (await readPerson(deps.passwords, asker, adminOf(input)));
  if (!person.ok) {
    // Only guesses at the setup code are failures.
    const isGuess = person.errors.some(({ code }) => code === 'WRONG_CREDENTIALS');
    if (!isGuess) await db.asWorker((trx) => giveAttemptBack(trx, [budget.subject]));
    return person;
  }
  const tenantId = newId<TenantId>();
  const admin = newAgent(tenantId, person.value);
  // Nobody is signed in: the new admin is the actor.
  const signedIn = { agentId: admin.id, role: admin.role, authenticatedAtMs: deps.runtime.clock.now().getTime() };
  const actor = { kind: 'agent', tenantId, ...signedIn } as const;
  const { workspace: slug, workspaceName: name } = input;
  const outcome = await db.asWorker((trx) =>
    commands.carryOut({ trx, actor, origin: causedOutside(actorOf(actor)) }, 'createWorkspace', (call) =>
      createFirstWorkspace(deps.runtime, call, { slug, name, admin, passwordHash: person.value.passwordHash }),
    ),
  );
  return outcome;
}

function adminOf({ displayName, email, password }: WorkspaceInput): PersonInput & Pick<NewPerson, 'role'> {
  return { displayName, email, password, role: 'admin' };
}

function refuseWorkspace(
  { setupCode }: Pick<Deps, 'setupCode'>,
  input: WorkspaceInput,
): Refused<'WRONG_CREDENTIALS' | 'INVALID_INPUT'> | null {
  if (!isSameSecret(input.setupCode, setupCode)) {
    const message = 'This is not the setup code: the installation prints it when it starts.';
    return refuse('WRONG_CREDENTIALS', 'setupCode', message);
  }
  return refuseSlug(input.workspace) ?? refuseName('workspaceName', input.workspaceName);
}

/** Compares digests, so that neither content nor length shows in the time it takes. */
function isSameSecret(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

const tooManyAttempts = refuse('LOCKED_OUT', 'setupCode', 'Too many failures: try again in 15 minutes.');
