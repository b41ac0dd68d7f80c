import { newId, type TenantId } from '@crossdesk/contracts';
import { changed, type CommandCall, type Outcome, refuse } from '@crossdesk/service-kit';
import { type AppRequest, checkApp } from './account.domain.ts';
import { appPlace, hashOfToken, newSecretToken, sealCredentials, sealToken } from './account-secrets.ts';
import type { DB, Trx } from '../db.ts';
import type { IngestDeps } from '../deps.ts';
import type { ChannelAppId } from '../ids.ts';
import { type ChannelAppRow, insertApp, lockAppByName, saveApp } from './channel-app.store.ts';

const noApps = refuse(
  'NOT_SUPPORTED',
  'channel',
  'This channel has no apps: connect each account with connectChannelAccount.',
);

/**
 * Registers an app of a platform. Registering the same name again replaces its credentials and keeps its address and
 * accounts.
 */
export async function registerApp(
  deps: IngestDeps,
  { trx, actor: { tenantId } }: CommandCall<DB>,
  input: AppRequest,
): Promise<Outcome<ChannelAppRow, 'INVALID_INPUT' | 'URL_FORBIDDEN' | 'NOT_SUPPORTED'>> {
  const { channel } = input;
  const { connection } = deps.adapters[channel];
  if (!connection.credentialFields.some(({ scope }) => scope === 'app')) return noApps;
  const checked = checkApp(connection, input, deps.allowPrivateAddresses);
  if (!checked.ok) return checked;
  const app = await insertOrReplace(deps, trx, { ...checked.value, tenantId, channel });
  return changed(app, app.id);
}

interface AppToSave {
  readonly tenantId: TenantId;
  readonly channel: AppRequest['channel'];
  readonly displayName: string;
  readonly credentials: Readonly<Record<string, string>>;
  readonly apiBaseUrl: string;
  readonly authBaseUrl: string;
}

async function insertOrReplace(deps: IngestDeps, trx: Trx, app: AppToSave): Promise<ChannelAppRow> {
  const { tenantId, channel, displayName, credentials } = app;
  const id = newId<ChannelAppId>();
  const place = appPlace({ tenant_id: tenantId, id });
  const token = newSecretToken();
  const inserted = await insertApp(trx, {
    ...app,
    id,
    tokenHash: hashOfToken(token),
    sealedToken: sealToken(deps, place, token),
    sealedCredentials: sealCredentials(deps, place, credentials),
  });
  if (inserted !== null) return inserted;
  const known = await lockAppByName(trx, tenantId, channel, displayName);
  if (known === null) throw new Error('the app that was just found no longer exists');
  return saveApp(trx, known, { ...app, sealedCredentials: sealCredentials(deps, appPlace(known), credentials) });
}
