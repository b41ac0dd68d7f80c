import type { TenantId } from '@crossdesk/contracts';
import {
  connectionOf,
  counted,
  type CountedConnection,
  decodeNamePlace,
  encodeNamePlace,
  pageSize,
} from '@crossdesk/service-kit';
import type { IngestDeps } from '../deps.ts';
import type { ChannelAppId } from '../ids.ts';
import { type AccountRow, countAccounts, listAccounts } from './account.store.ts';

/** A page of the accounts of a workspace, or of one app. */
export async function accountPage(
  { runtime: { db } }: Pick<IngestDeps, 'runtime'>,
  tenantId: TenantId,
  appId: ChannelAppId | null,
  args: { readonly first: number; readonly after?: string | null | undefined },
): Promise<CountedConnection<AccountRow>> {
  const first = pageSize(args.first);
  const place = { first, after: decodeNamePlace(args.after) };
  const rows = await db.forTenant(tenantId, (trx) => listAccounts(trx, tenantId, appId, place));
  const page = connectionOf(
    rows,
    { first, after: args.after },
    ({ display_name: name, id }) => encodeNamePlace({ name, id }),
    (row) => row,
  );
  return counted(page, () => db.forTenant(tenantId, (trx) => countAccounts(trx, tenantId, appId)));
}
