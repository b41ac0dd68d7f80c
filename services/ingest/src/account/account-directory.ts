import type { Channel } from '@crossdesk/channels';
import type { WebhookAddress } from '@crossdesk/channels/adapters';
import type { ChannelAccountId, TenantId } from '@crossdesk/contracts';
import { LRUCache } from 'lru-cache';
import { type ChannelAppRow, findAppByToken, findApps } from './channel-app.store.ts';
import type { Trx } from '../db.ts';
import type { IngestDeps } from '../deps.ts';
import type { WebhookAddressId } from '../ids.ts';
import { type AccountRow, findAccounts, findByExternalId, findByToken } from './account.store.ts';
import { hashOfToken, openAccount, openAppAddress, type SecretDeps } from './account-secrets.ts';
import type { ConnectedAccount } from './connected-account.ts';

export interface DirectoryEntry {
  readonly row: AccountRow;
  readonly account: ConnectedAccount;
}

/** The address a delivery came to. */
export interface WebhookTarget {
  readonly tenantId: TenantId;
  readonly addressId: WebhookAddressId;
  readonly channel: Channel;
  readonly address: WebhookAddress;
  /** The account that has the address; null for the address of an app. */
  readonly account: ConnectedAccount | null;
}

/** Finds the account or app of a delivery without a query for each one. */
export interface AccountDirectory {
  /** Null for an address that nobody has, or that belongs to a disabled account. */
  byToken(token: string): Promise<WebhookTarget | null>;
  /** An account of the workspace by the platform's id; null when it is not connected here, or disabled. */
  byExternalId(tenantId: TenantId, channel: Channel, externalAccountId: string): Promise<ConnectedAccount | null>;
  /** The address of an account or an app, by the id of its owner; disabled accounts included. Never cached. */
  byAddressId(tenantId: TenantId, id: WebhookAddressId): Promise<WebhookTarget | null>;
  /** The account as a call to the platform needs it. Never cached. */
  byId(tenantId: TenantId, id: ChannelAccountId): Promise<DirectoryEntry | null>;
  /** Call it after a change in this process; other processes see the change within `keptMs`. */
  forget(): void;
}

const keptMs = 5_000;
const entriesMax = 10_000;

export function createAccountDirectory(deps: SecretDeps & Pick<IngestDeps, 'runtime'>): AccountDirectory {
  const { db } = deps.runtime;
  const targets = createRemembered<WebhookTarget | null>();
  const accounts = createRemembered<ConnectedAccount | null>();
  return {
    byToken: (token) => targets.get(token, () => db.asWorker((trx) => findTarget(deps, trx, token))),
    byExternalId: (tenantId, channel, externalAccountId) =>
      accounts.get(`${tenantId} ${channel} ${externalAccountId}`, async () => {
        const row = await db.asWorker((trx) => findByExternalId(trx, tenantId, channel, externalAccountId));
        return row === null || row.status === 'disabled' ? null : openAccount(deps, row);
      }),
    byAddressId: (tenantId, id) =>
      db.asWorker(async (trx) => {
        const [row] = await findAccounts(trx, tenantId, [id]);
        if (row !== undefined) return targetOfAccount(deps, row);
        const [app] = await findApps(trx, tenantId, [id]);
        return app === undefined ? null : targetOfApp(deps, app);
      }),
    async byId(tenantId, id) {
      const [row] = await db.asWorker((trx) => findAccounts(trx, tenantId, [id]));
      return row === undefined ? null : { row, account: openAccount(deps, row) };
    },
    forget() {
      targets.clear();
      accounts.clear();
    },
  };
}

async function findTarget(deps: SecretDeps, trx: Trx, token: string): Promise<WebhookTarget | null> {
  const hash = hashOfToken(token);
  const row = await findByToken(trx, hash);
  if (row !== null) return row.status === 'disabled' ? null : targetOfAccount(deps, row);
  const app = await findAppByToken(trx, hash);
  return app === null ? null : targetOfApp(deps, app);
}

function targetOfAccount(deps: SecretDeps, row: AccountRow): WebhookTarget {
  const account = openAccount(deps, row);
  const { tenant_id: tenantId, id: addressId, channel } = row;
  return { tenantId, addressId, channel, address: account, account };
}

function targetOfApp(deps: SecretDeps, app: ChannelAppRow): WebhookTarget {
  const { tenant_id: tenantId, id: addressId, channel } = app;
  return { tenantId, addressId, channel, address: openAppAddress(deps, app), account: null };
}

/** Keeps answers for a few seconds, including "not found". A failed look-up is not kept. */
function createRemembered<Value>() {
  const entries = new LRUCache<string, Promise<Value>>({ max: entriesMax, ttl: keptMs });
  return {
    get(key: string, find: () => Promise<Value>): Promise<Value> {
      const known = entries.get(key);
      if (known !== undefined) return known;
      const value = find();
      entries.set(key, value);
      value.catch(() => entries.delete(key));
      return value;
    },
    clear: () => entries.clear(),
  };
}
