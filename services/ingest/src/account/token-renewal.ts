import { type Credentials, PlatformRefusal } from '@crossdesk/channels/adapters';
import { causedOutside, crashPoint } from '@crossdesk/service-kit';
import type { Trx } from '../db.ts';
import type { IngestDeps } from '../deps.ts';
import { changeStatus, keepCredentials } from './account.commands.ts';
import { isRenewed } from './account.domain.ts';
import { claimRenewal, endRenewal, lockAccount, type LockedAccount, type Renewal } from './account.store.ts';
import { openAccount } from './account-secrets.ts';
import type { AccountContext, ConnectedAccount } from './connected-account.ts';

/** A refresh asks twice at most, when its first answer is lost; then there is the answer to be saved. */
const callsInLease = 3;
const lookAgainMs = 100;
const origin = causedOutside({ kind: 'system', id: null });

/** The account as it is to be used now; null when nobody can use it. */
type Renewed = ConnectedAccount | null;
type Turn =
  { readonly isOver: true; readonly account: Renewed } | { readonly isOver: false; readonly renewal: Renewal | null };

/**
 * Renews the token of an account, one at a time whatever the number of users and processes: the right to ask is a lease in
 * the account's row, taken before the call and given back with its outcome, and no connection is held during the call. A
 * refresh token works once: until the new pair is saved the old one stays, so after a crash it is asked once more, which
 * works if the platform had not heard the first time; else a person authorises anew and is told why.
 */
export function createTokenRenewal(
  deps: IngestDeps,
  contextOf: (account: ConnectedAccount) => AccountContext,
): (used: ConnectedAccount) => Promise<Renewed> {
  const { db } = deps.runtime;
  const leaseMs = callsInLease * deps.platformTimeoutMs;
  const running = new Map<string, Promise<Renewed>>();

  /** Looks who is to ask: nobody any more, this process, or whoever asks already. */
  function takeTurn(used: ConnectedAccount): Promise<Turn> {
    return db.asWorker(async (trx): Promise<Turn> => {
      const locked = await lockAccount(trx, used.tenantId, used.id);
      if (locked === null || locked.row.status === 'disabled') return { isOver: true, account: null };
      const current = openAccount(deps, locked.row);
      if (isRenewed(current.credentials, used.credentials)) return { isOver: true, account: current };
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
      return isRenewed(current.credentials, used.credentials) ? current : write(trx, locked, isMine);
    });
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
      // Whoever took the lease over meanwhile can only have been refused: this pair is the one that works.
      return await conclude(used, renewal, async (trx, locked) =>
        openAccount(deps, await keepCredentials(deps, trx, locked, credentials, origin)),
      );
    } catch (error) {
      const isRefused = error instanceof PlatformRefusal && error.kind === 'permanent';
      const outcome = await conclude(used, renewal, async (trx, locked, isMine) => {
        if (isRefused && isMine) await changeStatus(deps, trx, locked, 'reauthorise', reasonOf(renewal), origin);
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

function reasonOf({ isAfterCutOff }: Renewal): string {
  return isAfterCutOff
    ? 'a renewal of the token was cut off and the platform does not repeat it: connect the account again with new credentials'
    : 'the platform refused the token: connect the account again with new credentials';
}
