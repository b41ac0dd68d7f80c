import type { Channel } from '@crossdesk/channels';
import {
  type AuthorisedAccount,
  type CallContext,
  PlatformCallError,
  PlatformRefusal,
} from '@crossdesk/channels/adapters';
import {
  actorOf,
  agentOf,
  causedOutside,
  changed,
  type CommandCall,
  type Outcome,
  refuse,
  refuseProgram,
} from '@crossdesk/service-kit';
import { bindAccount } from '../account/account.commands.ts';
import { ownCredentials } from '../account/account.domain.ts';
import type { AccountRow } from '../account/account.store.ts';
import { credentialsOfApp, hashOfToken, newSecretToken, redirectUrlOf } from '../account/account-secrets.ts';
import { type ChannelAppRow, findApps } from '../account/channel-app.store.ts';
import type { DB } from '../db.ts';
import type { IngestDeps } from '../deps.ts';
import type { ChannelAppId } from '../ids.ts';
import { insertAuthorisationRequest, takeAuthorisationRequest } from './authorisation.store.ts';

type StartOutcome = Outcome<
  { readonly url: string; readonly expiresAt: Date },
  'NOT_FOUND' | 'NOT_SUPPORTED' | 'PLATFORM_REFUSED' | 'FORBIDDEN'
>;

/** The result of a consent, for the person at the browser. */
export type CompleteOutcome =
  | { readonly ok: true; readonly accounts: readonly AccountRow[] }
  | { readonly ok: false; readonly reason: 'UNKNOWN_STATE' | 'REFUSED' | 'UNREACHABLE'; readonly detail: string };

/** Starts an authorisation: returns the address where a seller gives the app access to their shop. */
export async function startAuthorisation(
  deps: IngestDeps,
  { trx, actor }: CommandCall<DB>,
  appId: ChannelAppId,
): Promise<StartOutcome> {
  const agentId = agentOf(actor);
  const program = refuseProgram(actor);
  if (program !== null) return program;
  if (agentId === null) return refuse('FORBIDDEN', null, 'A person has to start it: their name goes with the consent.');
  const [app] = await findApps(trx, actor.tenantId, [appId]);
  if (app === undefined) return refuse('NOT_FOUND', 'appId', 'There is no such app: take the id from channelApps.');
  const { authorisation, lacks } = deps.adapters[app.channel];
  if (authorisation === null)
    return refuse('NOT_SUPPORTED', 'appId', lacks.authorisation ?? 'This channel has no consent page.');
  const state = newSecretToken();
  const url = addressOf(deps, app, state);
  if (url instanceof PlatformRefusal) return refuse('PLATFORM_REFUSED', 'appId', url.message);
  const asked = { tenant_id: actor.tenantId, state_hash: hashOfToken(state), app_id: app.id, requested_by: agentId };
  const expiresAt = await insertAuthorisationRequest(trx, asked, authorisation.validMinutes * 60_000);
  return changed({ url, expiresAt }, app.id);
}

function addressOf(deps: IngestDeps, app: ChannelAppRow, state: string): string | PlatformRefusal {
  try {
    const redirectUrl = redirectUrlOf(deps, app.channel);
    return deps.adapters[app.channel].authorisation?.start(contextOf(deps, app), { redirectUrl, state }) ?? '';
  } catch (error) {
    if (error instanceof PlatformRefusal) return error;
    throw error;
  }
}

/** Calls the platform on behalf of an app that may have no account yet. */
function contextOf(deps: IngestDeps, app: ChannelAppRow): CallContext {
  const baseUrls = { api: app.api_base_url, auth: app.auth_base_url };
  const account = { baseUrls, credentials: credentialsOfApp(deps, app) };
  const { call, submit, readMailbox, runtime } = deps;
  return { account, call, submit, readMailbox, now: () => runtime.clock.now() };
}

/**
 * Completes an authorisation when the seller comes back from the platform: the code is exchanged for tokens, and every
 * account they cover is connected. The state belongs to one workspace, works once, and names the person who started.
 */
export async function completeAuthorisation(
  deps: IngestDeps,
  channel: Channel,
  query: Readonly<Record<string, string>>,
): Promise<CompleteOutcome> {
  const { db } = deps.runtime;
  const asked = await db.asWorker(async (trx) => {
    const request = await takeAuthorisationRequest(trx, hashOfToken(query['state'] ?? ''));
    const [app] = request === null ? [] : await findApps(trx, request.tenant_id, [request.app_id]);
    return request === null || app?.channel !== channel ? null : { app, requestedBy: request.requested_by };
  });
  if (asked === null) return { ok: false, reason: 'UNKNOWN_STATE', detail: 'start the authorisation again' };
  const authorised = await exchange(deps, asked.app, query);
  if (!Array.isArray(authorised)) return authorised;
  const { app, requestedBy: agentId } = asked;
  // Only an admin can have started it; how long ago they signed in is not known any more.
  const actor = { kind: 'agent', tenantId: app.tenant_id, agentId, role: 'admin', authenticatedAtMs: 0 } as const;
  const origin = causedOutside(actorOf(actor));
  const accounts = await db.asWorker((trx) => bindAll(deps, { trx, actor, origin }, app, authorised));
  return { ok: true, accounts };
}

async function exchange(
  deps: IngestDeps,
  app: ChannelAppRow,
  query: Readonly<Record<string, string>>,
): Promise<AuthorisedAccount[] | Extract<CompleteOutcome, { readonly ok: false }>> {
  const { authorisation } = deps.adapters[app.channel];
  try {
    return [...((await authorisation?.complete(contextOf(deps, app), query)) ?? [])];
  } catch (error) {
    if (error instanceof PlatformRefusal && error.kind === 'permanent')
      return { ok: false, reason: 'REFUSED', detail: error.message };
    if (!(error instanceof PlatformRefusal) && !(error instanceof PlatformCallError)) throw error;
    return { ok: false, reason: 'UNREACHABLE', detail: error.message };
  }
}

async function bindAll(
  deps: IngestDeps,
  call: CommandCall<DB>,
  app: ChannelAppRow,
  authorised: readonly AuthorisedAccount[],
): Promise<AccountRow[]> {
  const { tenant_id: tenantId, channel, id: appId, api_base_url: apiBaseUrl, auth_base_url: authBaseUrl } = app;
  const { connection } = deps.adapters[channel];
  const accounts: AccountRow[] = [];
  for (const { externalAccountId, displayName, country, credentials } of authorised) {
    const own = ownCredentials(connection, credentials);
    const to = { tenantId, channel, appId, apiBaseUrl, authBaseUrl, externalAccountId, credentials: own };
    // A person may have renamed the store: an existing account keeps its name.
    const names = { displayName: displayName ?? externalAccountId, renamesTo: null, country };
    const { value } = await deps.runtime.commands.carryOut(call, 'connectChannelAccount', async ({ trx, origin }) => {
      const account = await bindAccount(deps, trx, { ...to, ...names }, origin);
      return changed(account, account.id);
    });
    accounts.push(value);
  }
  return accounts;
}
