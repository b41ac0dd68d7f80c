import { newId, type TenantId } from '@crossdesk/contracts';
import { changed, type RequestContext } from '@crossdesk/service-kit';
import { type AppRequest, checkApp, type Refusal } from './account.domain.ts';
import { appPlace, hashOfToken, newSecretToken, sealCredentials, sealToken } from './account-secrets.ts';
import type { Trx } from '../db.ts';
import type { IngestDeps } from '../deps.ts';
import type { ChannelAppId } from '../ids.ts';
import { type ChannelAppRow, insertApp, lockAppByName, saveApp } from './channel-app.store.ts';

type Outcome =
  { readonly ok: true; readonly app: ChannelAppRow } | { readonly ok: false; readonly refusals: readonly Refusal[] };

/** Registers an app of a platform. The same name again replaces its credentials; its address and accounts stay. */
export async function registerApp(
  deps: IngestDeps,
  request: RequestContext,
  tenantId: TenantId,
  input: AppRequest,
): Promise<Outcome> {
  const { channel } = input;
  const { connection } = deps.adapters[channel];
  if (!connection.credentialFields.some(({ scope }) => scope === 'app')) return { ok: false, refusals: [noApps] };
  const checked = checkApp(connection, input, deps.allowPrivateAddresses);
  if (!checked.ok) return checked;
  const outcome = await deps.runtime.commands.asked(request, 'registerChannelApp', async ({ trx }) => {
    const app = await insertOrReplace(deps, trx, { ...checked, tenantId, channel });
    return changed(app, app.id);
  });
  return { ok: true, app: outcome.value };
}

const noApps: Refusal = {
  code: 'NOT_SUPPORTED',
  message: 'Accounts of this channel share no app: connect each with connectChannelAccount.',
  path: ['input', 'channel'],
};

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
  if (known === null) throw new Error('an app that was there is gone');
  return saveApp(trx, known, { ...app, sealedCredentials: sealCredentials(deps, appPlace(known), credentials) });
}
