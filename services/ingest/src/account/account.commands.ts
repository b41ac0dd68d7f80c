import type { Channel } from '@crossdesk/channels';
import type { Credentials, Revocation } from '@crossdesk/channels/adapters';
import { type ChannelAccountId, type EventData, newId, type TenantId } from '@crossdesk/contracts';
import { changed, type CommandCall, type Origin, type Outcome, refuse, unchanged } from '@crossdesk/service-kit';
import { findApps } from './channel-app.store.ts';
import type { DB, Row, Trx } from '../db.ts';
import type { IngestDeps } from '../deps.ts';
import type { ChannelAppId } from '../ids.ts';
import { type BoundAccount, checkConnection, type ConnectionRequest, ownCredentials } from './account.domain.ts';
import {
  type AccountChange,
  type AccountRow,
  insertOrLock,
  lockAccount,
  type LockedAccount,
  makeSyncDue,
  moveSyncs,
  saveAccount,
  saveVersion,
} from './account.store.ts';
import {
  accountPlace,
  hashOfToken,
  newSecretToken,
  openAccount,
  sealCredentials,
  sealToken,
} from './account-secrets.ts';
import { beginConsent } from './consent-end.ts';

/** The refusal for an id that no account has. */
export const noAccount = refuse(
  'NOT_FOUND',
  'accountId',
  'There is no such channel account in this workspace: take the id from channelAccounts.',
);
const noApp = refuse(
  'NOT_FOUND',
  'appId',
  'There is no such app of this channel in this workspace: take the id from channelApps.',
);

/** Binds an account of a platform. Binding the same account again replaces its credentials and keeps its address. */
export async function connectAccount(
  deps: IngestDeps,
  { trx, actor: { tenantId }, origin }: CommandCall<DB>,
  input: ConnectionRequest & { readonly appId: ChannelAppId | null },
): Promise<Outcome<AccountRow, 'INVALID_INPUT' | 'URL_FORBIDDEN' | 'NOT_FOUND'>> {
  const { channel, appId } = input;
  const [app = null] = appId === null ? [] : await findApps(trx, tenantId, [appId]);
  if (appId !== null && app?.channel !== channel) return noApp;
  const checked = checkConnection(deps.adapters[channel].connection, input, app, deps.allowPrivateAddresses);
  if (!checked.ok) return checked;
  const to = { ...checked.value, renamesTo: checked.value.displayName, tenantId, channel, appId };
  const account = await bindAccount(deps, trx, to, origin);
  return changed(account, account.id);
}

interface AccountToBind extends BoundAccount {
  readonly renamesTo: string | null;
  readonly tenantId: TenantId;
  readonly channel: Channel;
  readonly appId: ChannelAppId | null;
}

/**
 * Inserts the account, or replaces the credentials of the existing one. It counts as connected, and its polls are due.
 */
export async function bindAccount(deps: IngestDeps, trx: Trx, to: AccountToBind, origin: Origin): Promise<AccountRow> {
  const { tenantId, channel, credentials, apiBaseUrl, authBaseUrl } = to;
  const id = newId<ChannelAccountId>();
  const token = newSecretToken();
  const place = accountPlace({ tenant_id: tenantId, id });
  const locked = await insertOrLock(trx, {
    ...to,
    id,
    tokenHash: hashOfToken(token),
    sealedToken: sealToken(deps, place, token),
    sealedCredentials: sealCredentials(deps, place, credentials),
  });
  if (locked === null) throw new Error('insert or update returned no row');
  const { row } = locked;
  const kinds = polledKinds(deps, channel);
  if (kinds.length > 0) await makeSyncDue(trx, tenantId, row.id, kinds, deps.runtime.clock.now());
  await deps.onConnected(trx, tenantId, row.id);
  // An existing account keeps its id, and its credentials are sealed for that id.
  const sealedCredentials = sealCredentials(deps, accountPlace(row), credentials);
  const secrets = { sealedCredentials, apiBaseUrl, authBaseUrl };
  const connected = { ...asItIs(locked), status: 'connected', statusReason: null, loss: null, ...secrets } as const;
  const account = await change(deps, trx, locked, connected, origin);
  await beginConsent(deps, trx, locked, consentEndIn(deps, channel, credentials), origin);
  return account;
}

/** Stops an account: its webhooks are refused, its replies fail. */
export async function disableAccount(
  deps: IngestDeps,
  { trx, actor, origin }: CommandCall<DB>,
  id: ChannelAccountId,
): Promise<Outcome<AccountRow, 'NOT_FOUND'>> {
  const locked = await lockAccount(trx, actor.tenantId, id);
  if (locked === null) return noAccount;
  const why = { status: 'disabled', statusReason: 'disabled in Crossdesk', loss: null } as const;
  const to = { ...asItIs(locked), ...why };
  return changed(await change(deps, trx, locked, to, origin), id);
}

/** Revokes the access to a disabled account at the platform; null if the channel has no way to do that. */
export async function revokeAccess(deps: IngestDeps, row: AccountRow): Promise<Revocation | null> {
  const { authorisation } = deps.adapters[row.channel];
  if (authorisation?.revoke == null) return null;
  return authorisation.revoke({
    account: openAccount(deps, row),
    call: deps.call,
    submit: deps.submit,
    readMailbox: deps.readMailbox,
    now: () => deps.runtime.clock.now(),
  });
}

/** Makes the polls of an account due now. */
export async function syncAccount(
  deps: IngestDeps,
  { trx, actor: { tenantId } }: CommandCall<DB>,
  id: ChannelAccountId,
): Promise<Outcome<AccountRow, 'NOT_FOUND'>> {
  const locked = await lockAccount(trx, tenantId, id);
  if (locked === null) return noAccount;
  await makeSyncDue(trx, tenantId, id, polledKinds(deps, locked.row.channel), deps.runtime.clock.now());
  return changed(locked.row, id);
}

/** Asks the platform as often as a person chose; it applies from the next poll on, in every process. */
export async function setSyncInterval(
  deps: IngestDeps,
  { trx, actor: { tenantId }, origin }: CommandCall<DB>,
  id: ChannelAccountId,
  everySeconds: number,
): Promise<Outcome<AccountRow, 'NOT_FOUND'>> {
  const locked = await lockAccount(trx, tenantId, id);
  if (locked === null) return noAccount;
  if (locked.row.sync_every_seconds === everySeconds) return unchanged(locked.row);
  await moveSyncs(trx, locked.row, everySeconds, deps.runtime.clock.now());
  return changed(await change(deps, trx, locked, { ...asItIs(locked), syncEverySeconds: everySeconds }, origin), id);
}

/** What is said of an account; `loss` tells how an authorisation was lost. */
export type StatusReport = Pick<AccountChange, 'status' | 'loss'> & { readonly reason: string };

/** Notes what the platform says of an account: authorised again, refused, closed. */
export async function changeStatus(
  deps: Pick<IngestDeps, 'runtime'>,
  trx: Trx,
  locked: LockedAccount,
  { status, loss, reason }: StatusReport,
  origin: Origin,
): Promise<void> {
  if (locked.row.status === status && locked.row.status_reason === reason) return;
  await change(deps, trx, locked, { ...asItIs(locked), status, loss, statusReason: reason }, origin);
}

/** Keeps refreshed credentials; the account counts as connected again. */
export async function keepCredentials(
  deps: IngestDeps,
  trx: Trx,
  locked: LockedAccount,
  credentials: Credentials,
  origin: Origin,
): Promise<AccountRow> {
  const { row } = locked;
  const own = row.app_id === null ? credentials : ownCredentials(deps.adapters[row.channel].connection, credentials);
  const sealedCredentials = sealCredentials(deps, accountPlace(row), own);
  const connected = {
    ...asItIs(locked),
    status: 'connected',
    statusReason: null,
    loss: null,
    sealedCredentials,
  } as const;
  const account = await change(deps, trx, locked, connected, origin);
  const end = consentEndIn(deps, row.channel, credentials);
  if (end !== null) await beginConsent(deps, trx, locked, end, origin);
  return account;
}

function asItIs({ row }: LockedAccount): AccountChange {
  return {
    status: row.status,
    statusReason: row.status_reason,
    loss: row.loss,
    sealedCredentials: row.sealed_credentials,
    apiBaseUrl: row.api_base_url,
    authBaseUrl: row.auth_base_url,
    syncEverySeconds: row.sync_every_seconds,
  };
}

async function change(
  deps: Pick<IngestDeps, 'runtime'>,
  trx: Trx,
  locked: LockedAccount,
  to: AccountChange,
  origin: Origin,
): Promise<AccountRow> {
  await saveAccount(trx, locked, to);
  const row = {
    ...locked.row,
    status: to.status,
    status_reason: to.statusReason,
    loss: to.loss,
    sealed_credentials: to.sealedCredentials,
    api_base_url: to.apiBaseUrl,
    auth_base_url: to.authBaseUrl,
    sync_every_seconds: to.syncEverySeconds,
  };
  return tellAccount(deps, trx, { ...locked, row }, {}, origin);
}

/** Publishes the state of a locked account, with what this change adds to it. */
export async function tellAccount(
  deps: Pick<IngestDeps, 'runtime'>,
  trx: Trx,
  locked: LockedAccount,
  added: Pick<EventData<'ingest.account-changed'>, 'holidayUntil'>,
  origin: Origin,
): Promise<AccountRow> {
  const { row, aggregate } = locked;
  await saveVersion(trx, locked);
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
        country: row.country,
        status: row.status,
        statusReason: row.status_reason,
        loss: row.loss,
        syncEverySeconds: row.sync_every_seconds,
        ...added,
      },
    },
  ]);
  return { ...row, version: aggregate.version };
}

/** When the platform says that the consent ends; null if it does not. */
function consentEndIn({ adapters }: IngestDeps, channel: Channel, credentials: Credentials): Date | null {
  return adapters[channel].tokens?.consentEndsAt(credentials) ?? null;
}

/** What the platform lists. */
export function syncKinds(deps: Pick<IngestDeps, 'adapters'>, channel: Channel): Row<'sync_cursor'>['kind'][] {
  const { threads, messages, orders } = deps.adapters[channel];
  return [
    ...(threads !== null || messages !== null ? (['messages'] as const) : []),
    ...(orders !== null ? (['orders'] as const) : []),
  ];
}

/** What is asked for at the platform again and again: lists, and messages that wait to be fetched. */
function polledKinds(deps: Pick<IngestDeps, 'adapters'>, channel: Channel): Row<'sync_cursor'>['kind'][] {
  const hasWaiting = deps.adapters[channel].webhooks?.waiting !== undefined;
  return [...new Set([...(hasWaiting ? (['messages'] as const) : []), ...syncKinds(deps, channel)])];
}
