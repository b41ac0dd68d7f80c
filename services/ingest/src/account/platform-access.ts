import { PlatformRefusal } from '@crossdesk/channels/adapters';
import type { ChannelAccountId, TenantId } from '@crossdesk/contracts';
import type { IngestDeps } from '../deps.ts';
import type { AccountDirectory } from './account-directory.ts';
import { mustRenew } from './account.domain.ts';
import type { AccountRow } from './account.store.ts';
import type { AccountContext, ConnectedAccount } from './connected-account.ts';
import { createTokenRenewal } from './token-renewal.ts';

/** Gives access to a platform: an account with a valid token. */
export interface PlatformAccess {
  /** Null when the account does not exist, is disabled, or has to be authorised again by a person. */
  open(tenantId: TenantId, accountId: ChannelAccountId): Promise<AccountContext | null>;
  /** After the platform refused the token: renews it once, unless it was renewed meanwhile. */
  reopen(refused: AccountContext): Promise<AccountContext | null>;
  /** The account in its present state, for a caller who was refused access; null when it does not exist. */
  accountOf(tenantId: TenantId, accountId: ChannelAccountId): Promise<AccountRow | null>;
}

export function createPlatformAccess(deps: IngestDeps, directory: AccountDirectory): PlatformAccess {
  const { clock } = deps.runtime;
  const contextOf = (account: ConnectedAccount): AccountContext => ({
    account,
    call: deps.call,
    submit: deps.submit,
    readMailbox: deps.readMailbox,
    now: () => clock.now(),
  });

  const renewToken = createTokenRenewal(deps, contextOf);

  async function renew(used: ConnectedAccount): Promise<AccountContext | null> {
    try {
      const account = await renewToken(used);
      return account === null ? null : contextOf(account);
    } finally {
      directory.forget();
    }
  }

  return {
    async open(tenantId, accountId) {
      const entry = await directory.byId(tenantId, accountId);
      if (entry === null || entry.row.status !== 'connected') return null;
      const expiresAt = deps.adapters[entry.row.channel].tokens?.expireAt(entry.account.credentials) ?? null;
      return mustRenew(expiresAt, clock.now()) ? renew(entry.account) : contextOf(entry.account);
    },
    reopen: ({ account }) => renew(account),
    accountOf: async (tenantId, accountId) => (await directory.byId(tenantId, accountId))?.row ?? null,
  };
}

/** What the platform answered, which may be that it knows nothing. */
export interface PlatformAnswer<Result> {
  readonly read: Result;
}

/** Reads from the platform; a refused token is renewed once. Null when the account cannot be used now. */
export async function readWith<Result>(
  access: PlatformAccess,
  context: AccountContext,
  read: (context: AccountContext) => Promise<Result>,
): Promise<PlatformAnswer<Result> | null> {
  try {
    return { read: await read(context) };
  } catch (error) {
    if (!(error instanceof PlatformRefusal) || error.kind !== 'unauthorised') throw error;
    const renewed = await access.reopen(context);
    return renewed === null ? null : { read: await read(renewed) };
  }
}
