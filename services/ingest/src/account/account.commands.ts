import { type Channel, type ChannelAccountId, newId, type TenantId } from '@crossdesk/contracts';
import { causedByRequest, type Origin, type RequestContext } from '@crossdesk/service-kit';
import type { Credentials } from '../channel/channel.port.ts';
import { makeDoubtsDue } from '../delivery/delivery.store.ts';
import type { IngestDeps, Trx } from '../deps.ts';
import {
  type AccountChange,
  type AccountRow,
  insertOrLock,
  lockAccount,
  type LockedAccount,
  makeSyncDue,
  saveAccount,
} from './account.store.ts';
import { hashOfToken, newWebhookToken, sealCredentials, sealToken } from './account-secrets.ts';
import { checkConnection, type ConnectionRequest, type Refusal } from './account.domain.ts';

type Outcome =
  { readonly ok: true; readonly account: AccountRow } | { readonly ok: false; readonly refusals: readonly Refusal[] };

/** Binds an account of a platform. The same account again gets the new credentials and keeps its address. */
export async function connectAccount(
  deps: IngestDeps,
  request: RequestContext,
  tenantId: TenantId,
  input: ConnectionRequest,
): Promise<Outcome> {
  const adapter = deps.adapters[input.channel];
  const checked = checkConnection(adapter, input, deps.allowPrivateAddresses);
  if (!checked.ok) return checked;
  const { credentials, apiBaseUrl, authBaseUrl } = checked;
  const id = newId<ChannelAccountId>();
  const token = newWebhookToken();
  const mutation = deps.runtime.audit.mutation(request, 'connectChannelAccount', async (trx: Trx, done) => {
    const locked = await insertOrLock(trx, {
      tenantId,
      id,
      channel: input.channel,
      externalAccountId: input.externalAccountId.trim(),
      displayName: input.displayName.trim(),
      tokenHash: hashOfToken(token),
      sealedToken: sealToken(deps, { tenant_id: tenantId, id }, token),
      sealedCredentials: sealCredentials(deps, { tenant_id: tenantId, id }, credentials),
      apiBaseUrl,
      authBaseUrl,
    });
    if (locked === null) throw new Error('insert or update returned no row');
    const sealedCredentials = sealCredentials(deps, locked.row, credentials);
    const kinds = syncKinds(deps, input.channel);
    if (kinds.length > 0) await makeSyncDue(trx, tenantId, locked.row.id, kinds);
    await makeDoubtsDue(trx, tenantId, locked.row.id);
    done(locked.row.id);
    return change(
      deps,
      trx,
      locked,
      { status: 'connected', statusReason: null, sealedCredentials, apiBaseUrl, authBaseUrl },
      causedByRequest(request),
    );
  });
  const account = await deps.runtime.db.forTenant(tenantId, mutation);
  deps.runtime.outbox.nudge();
  return { ok: true, account };
}

/** Stops an account: its webhooks are refused, its replies fail. */
export async function disableAccount(
  deps: IngestDeps,
  request: RequestContext,
  tenantId: TenantId,
  id: ChannelAccountId,
): Promise<AccountRow | null> {
  const mutation = deps.runtime.audit.mutation(request, 'disableChannelAccount', async (trx: Trx, done) => {
    const locked = await lockAccount(trx, tenantId, id);
    if (locked === null) return null;
    done(id);
    return change(
      deps,
      trx,
      locked,
      { ...unchanged(locked), status: 'disabled', statusReason: 'disabled in Crossdesk' },
      causedByRequest(request),
    );
  });
  const account = await deps.runtime.db.forTenant(tenantId, mutation);
  deps.runtime.outbox.nudge();
  return account;
}

/** Makes the polls of an account due now. */
export async function syncAccount(
  deps: IngestDeps,
  request: RequestContext,
  tenantId: TenantId,
  id: ChannelAccountId,
): Promise<AccountRow | null> {
  const mutation = deps.runtime.audit.mutation(request, 'syncChannelAccount', async (trx: Trx, done) => {
    const locked = await lockAccount(trx, tenantId, id);
    if (locked === null) return null;
    await makeSyncDue(trx, tenantId, id, syncKinds(deps, locked.row.channel));
    done(id);
    return locked.row;
  });
  return deps.runtime.db.forTenant(tenantId, mutation);
}

/** Notes what the platform says of an account: authorised again, refused, closed. */
export async function changeStatus(
  deps: IngestDeps,
  trx: Trx,
  locked: LockedAccount,
  status: AccountRow['status'],
  reason: string,
  origin: Origin,
): Promise<void> {
  if (locked.row.status === status && locked.row.status_reason === reason) return;
  await change(deps, trx, locked, { ...unchanged(locked), status, statusReason: reason }, origin);
}

/** Keeps refreshed credentials; the account counts as connected again. */
export async function keepCredentials(
  deps: IngestDeps,
  trx: Trx,
  locked: LockedAccount,
  credentials: Credentials,
  origin: Origin,
): Promise<AccountRow> {
  const sealedCredentials = sealCredentials(deps, locked.row, credentials);
  return change(
    deps,
    trx,
    locked,
    { ...unchanged(locked), status: 'connected', statusReason: null, sealedCredentials },
    origin,
  );
}

function unchanged({ row }: LockedAccount): AccountChange {
  return {
    status: row.status,
    statusReason: row.status_reason,
    sealedCredentials: row.sealed_credentials,
    apiBaseUrl: row.api_base_url,
    authBaseUrl: row.auth_base_url,
  };
}

async function change(
  deps: IngestDeps,
  trx: Trx,
  locked: LockedAccount,
  to: AccountChange,
  origin: Origin,
): Promise<AccountRow> {
  const { row, aggregate } = locked;
  await saveAccount(trx, locked, to);
  await deps.runtime.outbox.append(trx, [
    {
      aggregate,
      type: 'ingest.account-changed',
      origin,
      data: {
        accountId: row.id,
        channel: row.channel,
        displayName: row.display_name,
        externalAccountId: row.external_account_id,
        status: to.status,
        statusReason: to.statusReason,
      },
    },
  ]);
  return {
    ...row,
    status: to.status,
    status_reason: to.statusReason,
    sealed_credentials: to.sealedCredentials,
    api_base_url: to.apiBaseUrl,
    auth_base_url: to.authBaseUrl,
    version: aggregate.version,
  };
}

function syncKinds(deps: IngestDeps, channel: Channel): string[] {
  const { pollsMessages, pollsOrders } = deps.adapters[channel].capabilities;
  return [...(pollsMessages ? ['messages'] : []), ...(pollsOrders ? ['orders'] : [])];
}
