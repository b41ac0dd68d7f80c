import { networkOf } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import type { DB } from '../db.ts';
import {
  attemptSubject,
  forgetAttempts,
  giveAttemptBack,
  isKnownPlace,
  rememberPlace,
  takeAttempt,
} from './sign-in-attempt.store.ts';

/** What the failures of proving who somebody is count for. */
export interface Counted {
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

/** Counts for an account, by words that name it, and for the network of the client. */
export function countedFor(account: readonly string[], clientAddress: string): Counted {
  const network = networkOf(clientAddress);
  return {
    place: attemptSubject(...account, network),
    account: attemptSubject(...account),
    network: attemptSubject(network),
  };
}

/**
 * Counts an attempt; null if it may not be made, else what it counts for until it succeeds. Failures from many networks
 * shut an account for networks it has never been used from: else anybody could keep its owner out.
 */
export async function takeCounted(
  trx: Transaction<DB>,
  { place, account, network }: Counted,
): Promise<Buffer[] | null> {
  const isKnown = await isKnownPlace(trx, place);
  const budgets = [
    { subject: place, ...failures.ofPlace },
    { subject: network, ...failures.ofNetwork },
    ...(isKnown ? [] : [{ subject: account, ...failures.ofAccount }]),
  ];
  return (await takeAttempt(trx, budgets)) ? budgets.map(({ subject }) => subject) : null;
}

export async function noteSuccess(trx: Transaction<DB>, { place, account, network }: Counted): Promise<void> {
  await forgetAttempts(trx, [place, account]);
  await giveAttemptBack(trx, [network]);
  await rememberPlace(trx, place);
}
