import type { ChannelAccountId, TenantId } from '@crossdesk/contracts';
import { causedOutside } from '@crossdesk/service-kit';
import { type ChannelAccount, type PlatformContext, PlatformRefusal } from '../channel/channel.port.ts';
import type { IngestDeps } from '../deps.ts';
import { changeStatus, keepCredentials } from './account.commands.ts';
import type { AccountDirectory } from './account-directory.ts';
import { lockAccount } from './account.store.ts';
import { openAccount } from './account-secrets.ts';

/** Tokens are renewed this long before they end, so that no call meets an expired one. */
const renewBeforeMs = 10 * 60_000;
const origin = causedOutside({ kind: 'system', id: null });

/** Opens the way to a platform: an account with a token that is good now. */
export interface PlatformAccess {
  /** Null when the account is gone, disabled, or needs a person to authorise it anew. */
  open(tenantId: TenantId, accountId: ChannelAccountId): Promise<PlatformContext | null>;
  /** After the platform refused the token: renews it once, unless somebody did meanwhile. */
  reopen(refused: PlatformContext): Promise<PlatformContext | null>;
}

export function createPlatformAccess(deps: IngestDeps, directory: AccountDirectory): PlatformAccess {
  const { clock, db, outbox } = deps.runtime;
  const contextOf = (account: ChannelAccount): PlatformContext => ({
    account,
    call: deps.call,
    now: () => clock.now(),
  });

  /**
   * One refresher per account: the row is locked while the platform is asked, and the new pair is saved in the transaction
   * that lets the lock go. Who waited for the lock finds the new pair and does not ask again.
   */
  async function renew(used: ChannelAccount): Promise<PlatformContext | null> {
    const context = await db.asWorker(async (trx) => {
      const locked = await lockAccount(trx, used.tenantId, used.id);
      if (locked === null || locked.row.status === 'disabled') return null;
      const current = openAccount(deps, locked.row);
      if (JSON.stringify(current.credentials) !== JSON.stringify(used.credentials)) return contextOf(current);
      try {
        const credentials = await deps.adapters[current.channel].refreshCredentials(contextOf(current));
        return contextOf(openAccount(deps, await keepCredentials(deps, trx, locked, credentials, origin)));
      } catch (error) {
        if (!(error instanceof PlatformRefusal) || error.kind !== 'permanent') throw error;
        await changeStatus(
          deps,
          trx,
          locked,
          'reauthorise',
          'the platform refused the token: connect the account again with new credentials',
          origin,
        );
        return null;
      }
    });
    directory.forget();
    outbox.nudge();
    return context;
  }

  return {
    async open(tenantId, accountId) {
      const entry = await directory.byId(tenantId, accountId);
      if (entry === null || entry.row.status !== 'connected') return null;
      const expiresAt = deps.adapters[entry.account.channel].credentialsExpireAt(entry.account.credentials);
      const isFresh = expiresAt === null || expiresAt.getTime() - clock.now().getTime() > renewBeforeMs;
      return isFresh ? contextOf(entry.account) : renew(entry.account);
    },
    reopen: ({ account }) => renew(account),
  };
}

/** Makes a read from the platform, renewing a refused token once. Null when the account cannot be used now. */
export async function readWith<Result>(
  access: PlatformAccess,
  context: PlatformContext,
  read: (context: PlatformContext) => Promise<Result>,
): Promise<Result | null> {
  try {
    return await read(context);
  } catch (error) {
    if (!(error instanceof PlatformRefusal) || error.kind !== 'unauthorised') throw error;
    const renewed = await access.reopen(context);
    return renewed === null ? null : read(renewed);
  }
}
