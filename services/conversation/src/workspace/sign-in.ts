import {
  accept,
  type Decision,
  networkOf,
  refuse,
  type RequestContext,
  type ServiceRuntime,
} from '@crossdesk/service-kit';
import { countedFor, noteSuccess, takeCounted } from '../agent/counted-attempts.ts';
import { plainEmail } from '../agent/agent-input.domain.ts';
import { type Agent, findCredentials } from '../agent/agent.store.ts';
import type { Passwords } from '../agent/password.ts';
import type { DB } from '../db.ts';
import { giveAttemptBack } from '../agent/sign-in-attempt.store.ts';
import type { Challenge } from '../agent/signed-in-payload.ts';
import { issueChallenge } from '../second-factor/challenge.ts';
import { findFactor, isFactorRequired } from '../second-factor/second-factor.store.ts';
import { findWorkspace } from './workspace.store.ts';

export interface SignInInput {
  readonly workspace: string;
  readonly email: string;
  readonly password: string;
}

interface Deps {
  readonly runtime: Pick<ServiceRuntime<DB>, 'db' | 'clock' | 'keys'>;
  readonly passwords: Passwords;
}

/** The person, or why not; with SECOND_FACTOR_REQUIRED there is a challenge to go on with. */
type SignInOutcome = Decision<Agent, 'BUSY' | 'LOCKED_OUT' | 'SECOND_FACTOR_REQUIRED' | 'WRONG_CREDENTIALS'> & {
  readonly challenge?: Challenge;
};

/**
 * Finds the person with this workspace, e-mail and password. Whoever has a second factor, or needs one, gets a challenge to
 * go on with. The answer is the same, and as slow, whichever of the
 * three is wrong. This is not a command: nobody acts in the workspace yet, and each attempt is counted in a transaction
 * of its own.
 */
export async function signIn(
  { runtime, passwords }: Deps,
  { clientAddress }: Pick<RequestContext, 'clientAddress'>,
  { workspace, password, ...input }: SignInInput,
): Promise<SignInOutcome> {
  const { db } = runtime;
  const email = plainEmail(input.email);
  const network = networkOf(clientAddress);
  const counted = countedFor([workspace, email], clientAddress);
  const taken = await db.asWorker((trx) => takeCounted(trx, counted));
  if (taken === null) return tooManySignIns;
  const tenantId = await db.asWorker((trx) => findWorkspace(trx, workspace));
  const found = tenantId === null ? null : await db.forTenant(tenantId, (trx) => findCredentials(trx, tenantId, email));
  const checked = await passwords.matches({ lane: workspace, network }, password, found?.passwordHash ?? null);
  if (!checked.ok) {
    await db.asWorker((trx) => giveAttemptBack(trx, taken));
    return checked;
  }
  if (found === null || !checked.value || !found.agent.isActive) return wrongCredentials;
  const challenge = await challengeFor(runtime, found.agent);
  if (challenge !== null) {
    // Who they are is not proved yet, so this place is not known; but the password was right.
    await db.asWorker((trx) => giveAttemptBack(trx, taken));
    return { ...(challenge.isEnrolled ? codeNeeded : factorNeeded), challenge };
  }
  await db.asWorker((trx) => noteSuccess(trx, counted));
  return accept(found.agent);
}

/** What is left to prove; null if the password is enough. */
async function challengeFor({ db, clock, keys }: Deps['runtime'], agent: Agent): Promise<Challenge | null> {
  const { tenantId } = agent;
  const [factor, isRequired] = await db.forTenant(tenantId, async (trx) => [
    await findFactor(trx, tenantId, agent.id),
    await isFactorRequired(trx, tenantId),
  ]);
  const isEnrolled = factor !== null && factor.confirmedAt !== null;
  return isEnrolled || isRequired ? issueChallenge(keys, agent, isEnrolled, clock.now()) : null;
}

const codeNeeded = refuse(
  'SECOND_FACTOR_REQUIRED',
  null,
  'Send the code of your authenticator app, or a recovery code, with completeSignIn.',
);
const factorNeeded = refuse(
  'SECOND_FACTOR_REQUIRED',
  null,
  'This workspace asks for a second factor: set one up with beginSecondFactor and confirmSecondFactor.',
);

const wrongCredentials = refuse(
  'WRONG_CREDENTIALS',
  'password',
  'Workspace, e-mail and password do not match: check all three.',
);

const tooManySignIns = refuse(
  'LOCKED_OUT',
  'email',
  'Too many failures: try again in 15 minutes, or from a place you used before.',
);
