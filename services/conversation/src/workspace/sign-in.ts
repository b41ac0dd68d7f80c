import {
  accept,
  type Decision,
  networkOf,
  refuse,
  type RequestContext,
  type ServiceRuntime,
} from '@crossdesk/service-kit';
import { plainEmail } from '../agent/agent-input.domain.ts';
import { type Agent, findCredentials } from '../agent/agent.store.ts';
import type { Passwords } from '../agent/password.ts';
import type { DB } from '../db.ts';
import { attemptSubject, forgetAttempts, takeAttempt } from './sign-in-attempt.store.ts';
import { findWorkspace } from './workspace.store.ts';

export interface SignInInput {
  readonly workspace: string;
  readonly email: string;
  readonly password: string;
}

/**
 * Finds the person with this workspace, e-mail and password. The answer is the same, and as slow, whichever of the
 * three is wrong. This is not a command: nobody acts in the workspace yet, and each attempt is counted in a transaction
 * of its own.
 */
export async function signIn(
  { runtime: { db }, passwords }: { readonly runtime: Pick<ServiceRuntime<DB>, 'db'>; readonly passwords: Passwords },
  { clientAddress }: Pick<RequestContext, 'clientAddress'>,
  input: SignInInput,
): Promise<Decision<Agent, 'LOCKED_OUT' | 'WRONG_CREDENTIALS'>> {
  const email = plainEmail(input.email);
  const subject = attemptSubject(input.workspace, email, networkOf(clientAddress));
  if (!(await db.asWorker((trx) => takeAttempt(trx, subject)))) return tooManyAttempts('email');
  const tenantId = await db.asWorker((trx) => findWorkspace(trx, input.workspace));
  const found = tenantId === null ? null : await db.forTenant(tenantId, (trx) => findCredentials(trx, tenantId, email));
  const isRight = await passwords.matches(input.password, found?.passwordHash ?? null);
  if (found === null || !isRight || !found.agent.isActive) return wrongCredentials;
  await db.asWorker((trx) => forgetAttempts(trx, subject));
  return accept(found.agent);
}

const wrongCredentials = refuse(
  'WRONG_CREDENTIALS',
  'password',
  'Workspace, e-mail and password do not match: check all three.',
);

export function tooManyAttempts(field: string) {
  return refuse('LOCKED_OUT', field, 'Too many failures: try again in 15 minutes.');
}
