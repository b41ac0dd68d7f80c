import { type Credentials, PlatformRefusal } from '@crossdesk/channels/adapters';
import { causedBySystem, crashPoint } from '@crossdesk/service-kit';
import type { Trx } from '../db.ts';
import type { IngestDeps } from '../deps.ts';
import { changeStatus, keepCredentials, type StatusReport } from './account.commands.ts';
import { isRenewed, ownCredentials } from './account.domain.ts';
import { claimRenewal, endRenewal, lockAccount, type LockedAccount, type Renewal } from './account.store.ts';
import { openAccount } from './account-secrets.ts';
import type { AccountContext, ConnectedAccount } from './connected-account.ts';

/** A refresh calls the platform twice at most (when the first answer is lost); the rest is time to save the answer. */
const callsInLease = 3;
const lookAgainMs = 100;

/** The account with usable credentials; null when it cannot be used. */
type Renewed = ConnectedAccount | null;
type Turn =
  { readonly isOver: true; readonly account: Renewed } | { readonly isOver: false; readonly renewal: Renewal | null };

/**
 * Renews the token of an account, one renewal at a time for all users and processes. The right to renew is a lease in
 * the account's row: it is taken before the call and given back with the outcome, and no connection is held during the
 * call. A refresh token works once. The old pair stays until the new one is saved, so after a crash the renewal is
 * repeated with it. That works if the platform had not received the first request; else a person has to authorise again
 * and is told why.
 */
export function createTokenRenewal(
  deps: IngestDeps,
  contextOf: (account: ConnectedAccount) => AccountContext,
): (used: ConnectedAccount) => Promise<Renewed> {
  const { db } = deps.runtime;
  const leaseMs = callsInLease * deps.platformTimeoutMs;
  const running = new Map<string, Promise<Renewed>>();

  /** Decides who asks the platform: nobody (already renewed), this process, or the process that has the lease. */
  function takeTurn(used: ConnectedAccount): Promise<Turn> {
    return db.asWorker(async (trx): Promise<Turn> => {
      const locked = await lockAccount(trx, used.tenantId, used.id);
      if (locked === null || locked.row.status === 'disabled') return { isOver: true, account: null };
      const current = openAccount(deps, locked.row);
      if (isRenewed(ownOf(locked, current), ownOf(locked, used))) return { isOver: true, account: current };
      if (locked.row.status === 'reauthorise') return { isOver: true, account: null };
      return { isOver: false, renewal: await claimRenewal(trx, locked, leaseMs) };
    });
  }

  /** Ends a renewal in a transaction of its own, if the account still has the credentials that were used. */
  function conclude(
    used: ConnectedAccount,
    renewal: Renewal,
    write: (trx: Trx, locked: LockedAccount, isMine: boolean) => Promise<Renewed>,
  ): Promise<Renewed> {
    return db.asWorker(async (trx) => {
      const locked = await lockAccount(trx, used.tenantId, used.id);
      if (locked === null) return null;
      const isMine = await endRenewal(trx, locked, renewal);
      const current = openAccount(deps, locked.row);
      return isRenewed(ownOf(locked, current), ownOf(locked, used)) ? current : write(trx, locked, isMine);
    });
  }

  /** What a renewal changes: the credentials of the app, which somebody may replace meanwhile, are not part of it. */
  function ownOf({ row }: LockedAccount, { channel, credentials }: ConnectedAccount): Credentials {
    return row.app_id === null ? credentials : ownCredentials(deps.adapters[channel].connection, credentials);
  }

  async function refresh(used: ConnectedAccount): Promise<Credentials> {
    const { tokens, lacks } = deps.adapters[used.channel];
    if (tokens === null) throw new PlatformRefusal('permanent', lacks.tokens ?? 'the token cannot be renewed');
    return tokens.refresh(contextOf(used));
  }

  async function ask(used: ConnectedAccount, renewal: Renewal): Promise<Renewed> {
    try {
      const credentials = await refresh(used);
      crashPoint('token-renewed', 'ingest');
      // A process that took the lease over meanwhile can only have been refused, so this pair is the valid one.
      return await conclude(used, renewal, async (trx, locked) =>
        openAccount(deps, await keepCredentials(deps, trx, locked, credentials, causedBySystem())),
      );
    } catch (error) {
      const isRefused = error instanceof PlatformRefusal && error.kind === 'permanent';
      const outcome = await conclude(used, renewal, async (trx, locked, isMine) => {
        if (isRefused && isMine) await changeStatus(deps, trx, locked, refusedBy(renewal), causedBySystem());
        return null;
      });
      if (isRefused) return outcome;
      throw error;
    }
  }

  async function renew(used: ConnectedAccount): Promise<Renewed> {
    for (;;) {
      const turn = await takeTurn(used);
      if (turn.isOver) return turn.account;
      if (turn.renewal !== null) return ask(used, turn.renewal);
      await new Promise((resolve) => setTimeout(resolve, lookAgainMs));
    }
  }

  return (used) => {
    const key = `${used.id} ${JSON.stringify(used.credentials)}`;
    const renewing = running.get(key) ?? renew(used).finally(() => running.delete(key));
    running.set(key, renewing);
    return renewing;
  };
}

function refusedBy({ isAfterCutOff }: Renewal): StatusReport {
  const reason = isAfterCutOff
    ? 'a renewal of the token was cut off and the platform does not accept it a second time: connect the account again with new credentials'
    : 'the platform refused the token: connect the account again with new credentials';
  return { status: 'reauthorise', loss: 'refused', reason };
}
