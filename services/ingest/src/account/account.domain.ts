import type { Channel } from '@crossdesk/contracts';
import type { ChannelAdapter, Credentials } from '../channel/channel.port.ts';

export interface ConnectionRequest {
  readonly channel: Channel;
  readonly displayName: string;
  readonly externalAccountId: string;
  readonly credentials: readonly { readonly name: string; readonly value: string }[];
  readonly apiBaseUrl: string | null;
  readonly authBaseUrl: string | null;
}

export interface Refusal {
  readonly code: 'INVALID_INPUT' | 'URL_NOT_ALLOWED';
  readonly message: string;
  readonly path: readonly string[];
}

export type CheckedConnection =
  | { readonly ok: true; readonly credentials: Credentials; readonly apiBaseUrl: string; readonly authBaseUrl: string }
  | { readonly ok: false; readonly refusals: readonly Refusal[] };

/** Tokens are renewed this long before they end, so that no call meets an expired one. */
const renewBeforeMs = 10 * 60_000;

/** Whether a token that ends then has to be renewed before it is used; null = it has no end. */
export function mustRenew(expiresAt: Date | null, now: Date): boolean {
  return expiresAt !== null && expiresAt.getTime() - now.getTime() <= renewBeforeMs;
}

/** Whether somebody renewed the credentials since they were read: then nobody else may, since many refresh tokens work once. */
export function isRenewed(current: Credentials, used: Credentials): boolean {
  return JSON.stringify(current) !== JSON.stringify(used);
}

const textCharactersMax = 200;
const credentialCharactersMax = 8_000;

/** Checks all of a connection at once, so that the seller sees every problem in one go. */
export function checkConnection(
  adapter: Pick<ChannelAdapter, 'credentialFields' | 'defaultBaseUrls'>,
  request: ConnectionRequest,
  allowPrivateAddresses: boolean,
): CheckedConnection {
  const apiBaseUrl = trimSlash(request.apiBaseUrl ?? adapter.defaultBaseUrls.api);
  const authBaseUrl = trimSlash(
    request.authBaseUrl ?? (request.apiBaseUrl === null ? adapter.defaultBaseUrls.auth : request.apiBaseUrl),
  );
  const refusals = [
    ...checkText(request.displayName, 'displayName'),
    ...checkText(request.externalAccountId, 'externalAccountId'),
    ...checkCredentials(adapter, request.credentials),
    ...checkUrl(apiBaseUrl, 'apiBaseUrl', allowPrivateAddresses),
    ...(authBaseUrl === apiBaseUrl ? [] : checkUrl(authBaseUrl, 'authBaseUrl', allowPrivateAddresses)),
  ];
  if (refusals.length > 0) return { ok: false, refusals };
  const credentials = Object.fromEntries(request.credentials.map(({ name, value }) => [name, value.trim()]));
  return { ok: true, credentials, apiBaseUrl, authBaseUrl };
}

function checkText(value: string, field: string): Refusal[] {
  const length = value.trim().length;
  if (length > 0 && length <= textCharactersMax) return [];
  return [
    {
      code: 'INVALID_INPUT',
      message: `${field} must have 1 to ${textCharactersMax} characters.`,
      path: ['input', field],
    },
  ];
}

function checkCredentials(
  { credentialFields }: Pick<ChannelAdapter, 'credentialFields'>,
  given: ConnectionRequest['credentials'],
): Refusal[] {
  const path = ['input', 'credentials'];
  const known = new Set(credentialFields.map((field) => field.name));
  const names = given.filter(({ value }) => value.trim().length > 0).map(({ name }) => name);
  const missing = credentialFields.filter((field) => field.isRequired && !names.includes(field.name));
  const unknown = given.filter(({ name }) => !known.has(name));
  const long = given.filter(({ value }) => value.length > credentialCharactersMax);
  return [
    ...missing.map((field) => ({
      code: 'INVALID_INPUT' as const,
      message: `${field.name} is missing: ${field.hint}`,
      path,
    })),
    ...unknown.map(({ name }) => ({
      code: 'INVALID_INPUT' as const,
      message: `${name.slice(0, 50)} is no credential of this channel; it takes ${[...known].join(', ')}.`,
      path,
    })),
    ...long.map(({ name }) => ({
      code: 'INVALID_INPUT' as const,
      message: `${name.slice(0, 50)} is longer than ${credentialCharactersMax} characters.`,
      path,
    })),
  ];
}

/** The name in the address is checked here, the address it resolves to when a call is made. */
function checkUrl(text: string, field: string, allowPrivateAddresses: boolean): Refusal[] {
  const path = ['input', field];
  if (!URL.canParse(text))
    return [
      { code: 'INVALID_INPUT', message: `${field} must be a full address such as https://api.example.com`, path },
    ];
  const url = new URL(text);
  const isWeb = url.protocol === 'https:' || (allowPrivateAddresses && url.protocol === 'http:');
  if (isWeb && url.username === '' && url.password === '' && url.search === '' && url.hash === '') return [];
  return [
    {
      code: 'URL_NOT_ALLOWED',
      message: `${field} must begin with https:// and have no user name, query or fragment.`,
      path,
    },
  ];
}

function trimSlash(url: string): string {
  return url.replace(/\/+$/, '');
}
