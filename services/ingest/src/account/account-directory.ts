import type { ChannelAccountId, TenantId } from '@crossdesk/contracts';
import type { ChannelAccount } from '../channel/channel.port.ts';
import type { IngestDeps } from '../deps.ts';
import { type AccountRow, findAccounts, findByToken } from './account.store.ts';
import { hashOfToken, openAccount } from './account-secrets.ts';

export interface DirectoryEntry {
  readonly row: AccountRow;
  readonly account: ChannelAccount;
}

/** Finds the account of a webhook address without asking Postgres for every delivery. */
export interface AccountDirectory {
  byToken(token: string): Promise<DirectoryEntry | null>;
  /** Always read afresh: what a call to the platform is made with. */
  byId(tenantId: TenantId, id: ChannelAccountId): Promise<DirectoryEntry | null>;
  /** To be called after a change in this process; other processes see it within `keptMs`. */
  forget(): void;
}

const keptMs = 5_000;
const entriesMax = 10_000;

export function createAccountDirectory(deps: IngestDeps): AccountDirectory {
  const entries = new Map<string, { readonly entry: Promise<DirectoryEntry | null>; readonly until: number }>();

  const open = (row: AccountRow | null | undefined): DirectoryEntry | null =>
    row === null || row === undefined ? null : { row, account: openAccount(deps, row) };

  return {
    byToken(token) {
      const known = entries.get(token);
      if (known !== undefined && known.until > performance.now()) return known.entry;
      const entry = deps.runtime.db.asWorker((trx) => findByToken(trx, hashOfToken(token))).then(open);
      if (entries.size >= entriesMax) entries.clear();
      entries.set(token, { entry, until: performance.now() + keptMs });
      entry.catch(() => entries.delete(token));
      return entry;
    },
    async byId(tenantId, id) {
      const [row] = await deps.runtime.db.asWorker((trx) => findAccounts(trx, tenantId, [id]));
      return open(row);
    },
    forget: () => entries.clear(),
  };
}
