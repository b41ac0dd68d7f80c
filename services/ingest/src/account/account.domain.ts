import { type Channel, trimSlashes } from '@crossdesk/channels';
import type { Connection, CredentialField, Credentials } from '@crossdesk/channels/adapters';
import { accept, type Decision, isBlank, type UserError } from '@crossdesk/service-kit/decision';
import { isCountry } from './phone-number.domain.ts';

/** The input of a person for an account or an app, before it is checked. */
interface EndpointRequest {
  readonly credentials: readonly { readonly name: string; readonly value: string }[];
  readonly apiBaseUrl: string | null;
  readonly authBaseUrl: string | null;
}

export interface ConnectionRequest extends EndpointRequest {
  readonly channel: Channel;
  readonly displayName: string;
  readonly externalAccountId: string;
  readonly country: string | null;
}

export interface AppRequest extends EndpointRequest {
  readonly channel: Channel;
  readonly displayName: string;
}

type Problem = UserError<'INVALID_INPUT' | 'URL_FORBIDDEN'>;
type Checked<Value> = Decision<Value, Problem['code']>;

interface CheckedEndpoint {
  readonly credentials: Credentials;
  readonly apiBaseUrl: string;
  readonly authBaseUrl: string;
}

/** The checked input that an account is bound with. */
export interface BoundAccount extends CheckedEndpoint {
  readonly externalAccountId: string;
  readonly displayName: string;
  readonly country: string | null;
}

/** Tokens are renewed this long before they end, so that no call meets an expired one. */
const renewBeforeMs = 10 * 60_000;

/** Whether a token that ends then has to be renewed before it is used; null = it has no end. */
export function mustRenew(expiresAt: Date | null, now: Date): boolean {
  return expiresAt !== null && expiresAt.getTime() - now.getTime() <= renewBeforeMs;
}

/**
 * Whether the credentials were renewed since they were read. If so they must not be renewed again: many refresh tokens
 * work once.
 */
export function isRenewed(current: Credentials, used: Credentials): boolean {
  return JSON.stringify(current) !== JSON.stringify(used);
}

const textCharactersMax = 200;
const credentialCharactersMax = 8_000;
const addressCharactersMax = 2_000;

/** The credentials that belong to the account itself and not to its app. */
export function ownCredentials(
  { credentialFields }: Pick<Connection, 'credentialFields'>,
  all: Credentials,
): Credentials {
  const own = credentialFields.filter(({ scope }) => scope === 'account').map(({ name }) => name);
  return Object.fromEntries(Object.entries(all).filter(([name]) => own.includes(name)));
}

/**
 * Checks the whole connection, so that the seller sees every problem at once. An account of an app has only its own
 * credentials in the input, and uses the addresses of the app.
 */
export function checkConnection(
  connection: Pick<Connection, 'credentialFields' | 'defaultBaseUrls' | 'accountIdProblemOf' | 'protocols'>,
  request: ConnectionRequest,
  app: { readonly api_base_url: string; readonly auth_base_url: string } | null,
  allowPrivateAddresses: boolean,
): Checked<BoundAccount> {
  const fields = connection.credentialFields.filter(({ scope }) => app === null || scope === 'account');
  const defaults = app === null ? connection.defaultBaseUrls : { api: app.api_base_url, auth: app.auth_base_url };
  const names = [
    ...checkText(request.displayName, 'displayName'),
    ...checkText(request.externalAccountId, 'externalAccountId'),
    ...checkCountry(request.country),
    ...checkAccountId(connection, request.externalAccountId.trim()),
  ];
  const rule = { protocols: connection.protocols ?? webProtocols, allowPrivateAddresses };
  const endpoint = checkEndpoint(fields, defaults, request, rule);
  if (names.length > 0 || !endpoint.ok)
    return { ok: false, errors: [...names, ...(endpoint.ok ? [] : endpoint.errors)] };
  const { externalAccountId, displayName, country } = request;
  return accept({
    ...endpoint.value,
    externalAccountId: externalAccountId.trim(),
    displayName: displayName.trim(),
    country,
  });
}

/** Checks the credentials and addresses that all accounts of an app share. */
export function checkApp(
  { credentialFields, defaultBaseUrls }: Pick<Connection, 'credentialFields' | 'defaultBaseUrls'>,
  request: AppRequest,
  allowPrivateAddresses: boolean,
): Checked<CheckedEndpoint & { readonly displayName: string }> {
  const fields = credentialFields.filter(({ scope }) => scope === 'app');
  const names = checkText(request.displayName, 'displayName');
  const rule = { protocols: webProtocols, allowPrivateAddresses };
  const endpoint = checkEndpoint(fields, defaultBaseUrls, request, rule);
  if (names.length > 0 || !endpoint.ok)
    return { ok: false, errors: [...names, ...(endpoint.ok ? [] : endpoint.errors)] };
  return accept({ ...endpoint.value, displayName: request.displayName.trim() });
}

function checkEndpoint(
  fields: readonly CredentialField[],
  defaults: Connection['defaultBaseUrls'],
  request: EndpointRequest,
  rule: AddressRule,
): Checked<CheckedEndpoint> {
  const apiBaseUrl = trimSlashes(request.apiBaseUrl ?? defaults.api);
  const authBaseUrl = trimSlashes(
    request.authBaseUrl ?? (request.apiBaseUrl === null ? defaults.auth : request.apiBaseUrl),
  );
  const errors = [
    ...checkCredentials(fields, request.credentials),
    ...checkUrl(apiBaseUrl, 'apiBaseUrl', rule),
    // Tokens are renewed by HTTP, whatever protocol the platform has.
    ...(authBaseUrl === apiBaseUrl ? [] : checkUrl(authBaseUrl, 'authBaseUrl', { ...rule, protocols: webProtocols })),
  ];
  if (errors.length > 0) return { ok: false, errors };
  const credentials = Object.fromEntries(request.credentials.map(({ name, value }) => [name, value.trim()]));
  return accept({ credentials, apiBaseUrl: baseOf(apiBaseUrl), authBaseUrl: baseOf(authBaseUrl) });
}

function checkAccountId({ accountIdProblemOf }: Pick<Connection, 'accountIdProblemOf'>, id: string): Problem[] {
  const rule = id === '' || id.length > textCharactersMax ? null : (accountIdProblemOf?.(id) ?? null);
  if (rule === null) return [];
  return [{ code: 'INVALID_INPUT', message: `externalAccountId ${rule}.`, path: ['input', 'externalAccountId'] }];
}

function checkText(value: string, field: string): Problem[] {
  if (!isBlank(value) && value.trim().length <= textCharactersMax) return [];
  return [
    {
      code: 'INVALID_INPUT',
      message: `${field} must have 1 to ${textCharactersMax} characters.`,
      path: ['input', field],
    },
  ];
}

function checkCountry(country: string | null): Problem[] {
  if (country === null || isCountry(country)) return [];
  const message = 'country is not an ISO 3166-1 code such as BR: enter two capital letters, or leave it out.';
  return [{ code: 'INVALID_INPUT', message, path: ['input', 'country'] }];
}

function checkCredentials(
  credentialFields: readonly CredentialField[],
  given: EndpointRequest['credentials'],
): Problem[] {
  const path = ['input', 'credentials'];
  const known = new Set(credentialFields.map((field) => field.name));
  const names = given.filter(({ value }) => value.trim().length > 0).map(({ name }) => name);
  const missing = credentialFields.filter((field) => field.isRequired && !names.includes(field.name));
  const unknown = given.filter(({ name }) => !known.has(name));
  const repeated = new Set(given.map(({ name }) => name).filter((name, at, all) => all.indexOf(name) !== at));
  const long = given.filter(({ value }) => value.length > credentialCharactersMax);
  const broken = given.flatMap(({ name, value }) => {
    const field =
      value.length > credentialCharactersMax ? undefined : credentialFields.find((one) => one.name === name);
    const rule = value.trim() === '' ? null : (field?.problemOf?.(value.trim()) ?? null);
    return rule === null ? [] : [`${name} ${rule}.`];
  });
  return [
    ...missing.map((field) => ({
      code: 'INVALID_INPUT' as const,
      message: `${field.name} is missing: ${field.hint}`,
      path,
    })),
    ...unknown.map(({ name }) => ({
      code: 'INVALID_INPUT' as const,
      message: `${name.slice(0, 50)} is not accepted here. Use: ${[...known].join(', ')}.`,
      path,
    })),
    ...[...repeated].map((name) => ({
      code: 'INVALID_INPUT' as const,
      message: `${name.slice(0, 50)} is given more than once: enter it once.`,
      path,
    })),
    ...broken.map((message) => ({ code: 'INVALID_INPUT' as const, message, path })),
    ...long.map(({ name }) => ({
      code: 'INVALID_INPUT' as const,
      message: `${name.slice(0, 50)} is longer than ${credentialCharactersMax} characters.`,
      path,
    })),
  ];
}

/** A checked address in its normal form, ready for a path. */
function baseOf(address: string): string {
  const { protocol, host, pathname } = new URL(address);
  return trimSlashes(`${protocol}//${host}${pathname}`);
}

/** What an address may begin with. */
interface AddressRule {
  readonly protocols: readonly string[];
  readonly allowPrivateAddresses: boolean;
}

const webProtocols: readonly string[] = ['https:'];

/** The host name is checked here; the address it resolves to is checked when a call is made. */
function checkUrl(text: string, field: string, { protocols, allowPrivateAddresses }: AddressRule): Problem[] {
  const path = ['input', field];
  const beginnings = protocols.map((protocol) => `${protocol}//`).join(' or ');
  if (text.length > addressCharactersMax || !URL.canParse(text)) {
    const message = `${field} must be a full address such as ${protocols[0]}//api.example.com`;
    return [{ code: 'INVALID_INPUT', message, path }];
  }
  const url = new URL(text);
  const isPlainWeb = protocols === webProtocols && allowPrivateAddresses && url.protocol === 'http:';
  const isAllowed = (isPlainWeb || protocols.includes(url.protocol)) && url.host !== '';
  if (isAllowed && url.username === '' && url.password === '' && url.search === '' && url.hash === '') return [];
  const message = `${field} must begin with ${beginnings} and have no user name, query or fragment.`;
  return [{ code: 'URL_FORBIDDEN', message, path }];
}
