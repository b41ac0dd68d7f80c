import type { ChannelAccountId, TenantId } from '@crossdesk/contracts';
import { type ChannelAccount, type PlatformContext, PlatformRefusal } from '../channel/channel.port.ts';
import type { IngestDeps } from '../deps.ts';
import type { AccountDirectory } from './account-directory.ts';
import { mustRenew } from './account.domain.ts';
import type { AccountRow } from './account.store.ts';
import { createTokenRenewal } from './token-renewal.ts';

/** Opens the way to a platform: an account with a token that is good now. */
export interface PlatformAccess {
  /** Null when the account is gone, disabled, or needs a person to authorise it anew. */
  open(tenantId: TenantId, accountId: ChannelAccountId): Promise<PlatformContext | null>;
  /** After the platform refused the token: renews it once, unless somebody did meanwhile. */
  reopen(refused: PlatformContext): Promise<PlatformContext | null>;
  /** The account as it stands, for who was not let through; null when it is gone. */
  accountOf(tenantId: TenantId, accountId: ChannelAccountId): Promise<AccountRow | null>;
}

export function createPlatformAccess(deps: IngestDeps, directory: AccountDirectory): PlatformAccess {
  const { clock, outbox } = deps.runtime;
  const contextOf = (account: ChannelAccount): PlatformContext => ({
    account,
    call: deps.call,
    now: () => clock.now(),
  });

  const renewToken = createTokenRenewal(deps, contextOf);

  async function renew(used: ChannelAccount): Promise<PlatformContext | null> {
    try {
      const account = await renewToken(used);
      return account === null ? null : contextOf(account);
    } finally {
      directory.forget();
      outbox.nudge();
    }
  }

  return {
    async open(tenantId, accountId) {
      const entry = await directory.byId(tenantId, accountId);
      if (entry === null || entry.row.status !== 'connected') return null;
      const expiresAt = deps.adapters[entry.account.channel].credentialsExpireAt(entry.account.credentials);
      return mustRenew(expiresAt, clock.now()) ? renew(entry.account) : contextOf(entry.account);
    },
    reopen: ({ account }) => renew(account),
    accountOf: async (tenantId, accountId) => (await directory.byId(tenantId, accountId))?.row ?? null,
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
