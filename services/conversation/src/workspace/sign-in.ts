import {
  accept,
  type Decision,
  networkOf,
  refuse,
  type RequestContext,
  type ServiceRuntime,
} from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import { plainEmail } from '../agent/agent-input.domain.ts';
import { type Agent, findCredentials } from '../agent/agent.store.ts';
import type { Passwords } from '../agent/password.ts';
import type { DB } from '../db.ts';
import {
  attemptSubject,
  forgetAttempts,
  giveAttemptBack,
  isKnownPlace,
  rememberPlace,
  takeAttempt,
} from '../agent/sign-in-attempt.store.ts';
import { findWorkspace } from './workspace.store.ts';

export interface SignInInput {
  readonly workspace: string;
  readonly email: string;
  readonly password: string;
}

/** What the failures of a sign-in count for. */
interface Counted {
  /** The account from this network. */
  readonly place: Buffer;
  /** The account, over all networks. */
  readonly account: Buffer;
  /** The network, over all accounts. */
  readonly network: Buffer;
}

const failures = {
  ofPlace: { attemptsMax: 10, windowMinutes: 15 },
  /** NIST SP 800-63B allows at most 100 failures in a row for an account. */
  ofAccount: { attemptsMax: 100, windowMinutes: 24 * 60 },
  ofNetwork: { attemptsMax: 100, windowMinutes: 15 },
} as const;

/**
 * Finds the person with this workspace, e-mail and password. The answer is the same, and as slow, whichever of the
 * three is wrong. This is not a command: nobody acts in the workspace yet, and each attempt is counted in a transaction
 * of its own.
 */
export async function signIn(
  { runtime: { db }, passwords }: { readonly runtime: Pick<ServiceRuntime<DB>, 'db'>; readonly passwords: Passwords },
  { clientAddress }: Pick<RequestContext, 'clientAddress'>,
  { workspace, password, ...input }: SignInInput,
): Promise<Decision<Agent, 'BUSY' | 'LOCKED_OUT' | 'WRONG_CREDENTIALS'>> {
  const email = plainEmail(input.email);
  const network = networkOf(clientAddress);
  const counted = {
    place: attemptSubject(workspace, email, network),
    account: attemptSubject(workspace, email),
    network: attemptSubject(network),
  };
  const taken = await db.asWorker((trx) => takeSignIn(trx, counted));
  if (taken === null) return tooManySignIns;
  const tenantId = await db.asWorker((trx) => findWorkspace(trx, workspace));
  const found = tenantId === null ? null : await db.forTenant(tenantId, (trx) => findCredentials(trx, tenantId, email));
  const checked = await passwords.matches({ lane: workspace, network }, password, found?.passwordHash ?? null);
  if (!checked.ok) {
    await db.asWorker((trx) => giveAttemptBack(trx, taken));
    return checked;
  }
  if (found === null || !checked.value || !found.agent.isActive) return wrongCredentials;
  await db.asWorker((trx) => noteSuccess(trx, counted));
  return accept(found.agent);
}

/**
 * Counts the attempt; null if this sign-in may not be tried, else what it counts for until it succeeds. Failures from many networks shut an account for networks it has never been used
 * from: else anybody could keep its owner out.
 */
async function takeSignIn(trx: Transaction<DB>, { place, account, network }: Counted): Promise<Buffer[] | null> {
  const isKnown = await isKnownPlace(trx, place);
  const budgets = [
    { subject: place, ...failures.ofPlace },
    { subject: network, ...failures.ofNetwork },
    ...(isKnown ? [] : [{ subject: account, ...failures.ofAccount }]),
  ];
  return (await takeAttempt(trx, budgets)) ? budgets.map(({ subject }) => subject) : null;
}

async function noteSuccess(trx: Transaction<DB>, { place, account, network }: Counted): Promise<void> {
  await forgetAttempts(trx, [place, account]);
  await giveAttemptBack(trx, [network]);
  await rememberPlace(trx, place);
}

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
