import type { AgentId } from '@crossdesk/contracts';
import {
  accept,
  agentOf,
  changed,
  type CommandCall,
  type Decision,
  type Outcome,
  type Principal,
  refuse,
  type ServiceRuntime,
} from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import type { DB } from '../db.ts';
import { attemptSubject, forgetAttempts, giveAttemptBack, takeAttempt } from './sign-in-attempt.store.ts';
import { refusePassword } from './agent-input.domain.ts';
import { refusePeopleChange } from './agent.commands.ts';
import { withoutTokens } from './agent.domain.ts';
import { type Agent, agentsByIds, findPassword, lockPerson, savePassword, savePerson } from './agent.store.ts';
import { noPerson } from './change-agent.commands.ts';
import { refuseWeak } from './password-strength.ts';
import type { Passwords } from './password.ts';
import { endSessionsOf } from './session.store.ts';

interface NewPassword {
  readonly agentId: AgentId;
  readonly passwordHash: string;
}

interface Deps {
  readonly runtime: Pick<ServiceRuntime<DB>, 'db' | 'clock'>;
  readonly passwords: Passwords;
}

/**
 * Decodes the new password of another person into its hash. That takes long, so it is done while no transaction is
 * open, and only if the caller may set it and the person exists.
 */
export async function readNewPassword(
  { runtime: { db, clock }, passwords }: Deps,
  actor: Principal,
  { agentId, password }: { readonly agentId: AgentId; readonly password: string },
): Promise<Decision<NewPassword, 'BUSY' | 'FORBIDDEN' | 'NOT_FOUND' | 'INVALID_INPUT' | 'SIGN_IN_AGAIN'>> {
  const refusal = refuseReset(actor, agentId, clock.now()) ?? refusePassword('password', password);
  if (refusal !== null) return refusal;
  const { tenantId } = actor;
  const person = (await db.forTenant(tenantId, (trx) => agentsByIds(trx, tenantId, [agentId]))).get(agentId);
  if (person?.kind !== 'person') return noPerson;
  const weak = refuseWeak('password', password, wordsOf(person));
  if (weak !== null) return weak;
  const hashed = await passwords.hash({ lane: tenantId, network: tenantId }, password);
  return hashed.ok ? accept({ agentId, passwordHash: hashed.value }) : hashed;
}

function refuseReset(actor: Principal, agentId: AgentId, now: Date) {
  if (agentOf(actor) === agentId)
    return refuse(
      'FORBIDDEN',
      'agentId',
      'Your own password is changed with changePassword, which asks for the old one.',
    );
  return refusePeopleChange(actor, now);
}

function wordsOf({ displayName, email }: Agent): string[] {
  return [displayName, email ?? ''];
}

/** Sets the password of another person at the request of an admin. Their sessions end. */
export async function setPassword(
  { clock }: Pick<ServiceRuntime<DB>, 'clock'>,
  { trx, actor }: CommandCall<DB>,
  { agentId, passwordHash }: NewPassword,
): Promise<Outcome<Agent, 'FORBIDDEN' | 'NOT_FOUND' | 'SIGN_IN_AGAIN'>> {
  const refusal = refuseReset(actor, agentId, clock.now());
  if (refusal !== null) return refusal;
  const locked = await lockPerson(trx, actor.tenantId, agentId);
  if (locked === null) return noPerson;
  return changed(await withPassword(trx, locked, passwordHash, clock.now()), agentId);
}

interface OwnPassword extends NewPassword {
  /** The hash that the old password matched. */
  readonly expectedHash: string;
}

const failures = { attemptsMax: 10, windowMinutes: 15 } as const;

/** Decodes one's own new password. Whoever has only the token or the unlocked screen does not know the old one. */
export async function readOwnPassword(
  { runtime: { db }, passwords }: Deps,
  actor: Principal,
  { currentPassword, newPassword }: { readonly currentPassword: string; readonly newPassword: string },
): Promise<Decision<OwnPassword, 'BUSY' | 'INVALID_INPUT' | 'LOCKED_OUT' | 'FORBIDDEN' | 'WRONG_CREDENTIALS'>> {
  const malformed = refusePassword('newPassword', newPassword);
  if (malformed !== null) return malformed;
  if (actor.kind !== 'agent') return noPassword;
  const { tenantId, agentId } = actor;
  const [person, expectedHash] = await db.forTenant(tenantId, async (trx) => [
    (await agentsByIds(trx, tenantId, [agentId])).get(agentId),
    await findPassword(trx, tenantId, agentId),
  ]);
  if (person === undefined || expectedHash === null) return noPassword;
  const subject = attemptSubject('change password', agentId);
  if (!(await db.asWorker((trx) => takeAttempt(trx, [{ subject, ...failures }])))) return tooManyFailures;
  const asker = { lane: tenantId, network: agentId };
  const checked = await passwords.matches(asker, currentPassword, expectedHash);
  if (!checked.ok) {
    await db.asWorker((trx) => giveAttemptBack(trx, [subject]));
    return checked;
  }
  if (!checked.value) return wrongPassword;
  await db.asWorker((trx) => forgetAttempts(trx, [subject]));
  const weak = refuseWeak('newPassword', newPassword, wordsOf(person));
  if (weak !== null) return weak;
  const hashed = await passwords.hash(asker, newPassword);
  return hashed.ok ? accept({ agentId, passwordHash: hashed.value, expectedHash }) : hashed;
}

/** Changes one's own password. All sessions end; the answer has a new one. */
export async function changePassword(
  { clock }: Pick<ServiceRuntime<DB>, 'clock'>,
  { trx, actor: { tenantId } }: CommandCall<DB>,
  { agentId, passwordHash, expectedHash }: OwnPassword,
): Promise<Outcome<Agent, 'FORBIDDEN' | 'WRONG_CREDENTIALS'>> {
  const locked = await lockPerson(trx, tenantId, agentId);
  if (locked === null) return noPassword;
  // An admin may have set another one since the old one was checked.
  if ((await findPassword(trx, tenantId, agentId)) !== expectedHash) return wrongPassword;
  return changed(await withPassword(trx, locked, passwordHash, clock.now()), agentId);
}

async function withPassword(trx: Transaction<DB>, locked: Agent, passwordHash: string, now: Date): Promise<Agent> {
  const agent = withoutTokens(locked);
  await savePassword(trx, agent, passwordHash);
  await savePerson(trx, agent);
  await endSessionsOf(trx, agent, null, now);
  return agent;
}

const noPassword = refuse(
  'FORBIDDEN',
  null,
  'You have no password here: you are signed in with an API token or through another provider.',
);
const wrongPassword = refuse('WRONG_CREDENTIALS', 'currentPassword', 'This is not your present password.');
const tooManyFailures = refuse('LOCKED_OUT', 'currentPassword', 'Too many failures: try again in 15 minutes.');
