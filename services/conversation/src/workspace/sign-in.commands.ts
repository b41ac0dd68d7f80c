import type { RequestContext } from '@crossdesk/service-kit';
import { accept, type Outcome, refuse } from '../refusal.domain.ts';
import { plainEmail } from '../agent/agent-input.domain.ts';
import type { AgentDeps } from '../agent/agent.commands.ts';
import { type Agent, findCredentials } from '../agent/agent.store.ts';
import { attemptSubject, forgetAttempts, takeAttempt } from './sign-in-attempt.store.ts';
import { tooManyAttempts } from './workspace.commands.ts';
import { findWorkspace } from './workspace.store.ts';

export interface SignInInput {
  readonly workspace: string;
  readonly email: string;
  readonly password: string;
}

/** Finds the person behind workspace, e-mail and password. The answer to a wrong one of the three is the same, and as slow. */
export async function signIn(
  { runtime, passwords }: AgentDeps,
  request: RequestContext,
  input: SignInInput,
): Promise<Outcome<Agent>> {
  const { db } = runtime;
  const email = plainEmail(input.email);
  const subject = attemptSubject(input.workspace, email, request.clientAddress);
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
  'Workspace, e-mail and password do not belong together: check all three.',
);
