import type {
  CallContext,
  Credentials,
  FormFile,
  PlatformContext,
  PlatformRequest,
  PlatformResponse,
} from '../port/index.ts';
import { type Answer, valueOf, withoutSecrets } from '../shared/platform-error.ts';
import { answerJson, field, text } from '../shared/platform-json.ts';
import { classifyError, classifyForeign } from './shopee.errors.ts';
import { signCall } from './shopee.sign.ts';
import { trimSlashes } from '../shared/trim-slashes.ts';

type Parameters = Readonly<Record<string, string>>;

/** Calls a shop-level endpoint and returns the `response` part of the envelope. Business parameters are not signed. */
export function getFromShop(context: PlatformContext, path: string, parameters: Parameters): Promise<Answer> {
  return askShop(context, 'GET', path, parameters, null);
}

export function postToShop(context: PlatformContext, path: string, body: string): Promise<Answer> {
  return askShop(context, 'POST', path, {}, body);
}

/** Sends one file as a form. Like a body, a form is not signed. */
export async function uploadToShop(context: PlatformContext, path: string, file: FormFile): Promise<Answer> {
  const { account, now } = context;
  const query = signedQuery(account.credentials, path, now(), account.externalAccountId);
  const call = { ...request('POST', account.baseUrls.api, path, query, null), file };
  return readAnswer(context, await context.call(call), (envelope) => field(envelope, 'response'));
}

/** As `getFromShop`, with errors thrown as PlatformRefusal. */
export async function fetchFromShop(context: PlatformContext, path: string, parameters: Parameters): Promise<unknown> {
  return valueOf(await getFromShop(context, path, parameters));
}

/** Calls a shop-level endpoint whose answer has no `response` envelope, for a shop that is not connected yet. */
export async function getOfShop(context: CallContext, path: string, shopId: string): Promise<Answer> {
  const { account, now } = context;
  const query = signedQuery(account.credentials, path, now(), shopId);
  const response = await context.call(request('GET', account.baseUrls.api, path, query, null));
  return readAnswer(context, response, (envelope) => envelope);
}

/** Calls an authorisation endpoint: signed without a token, with an answer that has no `response` envelope. */
export async function postToAuth(context: CallContext, path: string, body: string): Promise<Answer> {
  const { account, now } = context;
  const query = signedQuery(account.credentials, path, now(), null);
  const response = await context.call(request('POST', account.baseUrls.auth, path, query, body));
  return readAnswer(context, response, (envelope) => envelope);
}

async function askShop(
  context: PlatformContext,
  method: 'GET' | 'POST',
  path: string,
  parameters: Parameters,
  body: string | null,
): Promise<Answer> {
  const { account, now } = context;
  const query = signedQuery(account.credentials, path, now(), account.externalAccountId);
  const response = await context.call(request(method, account.baseUrls.api, path, { ...query, ...parameters }, body));
  return readAnswer(context, response, (envelope) => field(envelope, 'response'));
}

/** The parameters of every call; `shopId` null for public calls. */
export function signedQuery(credentials: Credentials, path: string, now: Date, shopId: string | null): Parameters {
  const timestamp = String(Math.floor(now.getTime() / 1_000));
  const common = {
    partner_id: credentials['partner_id'] ?? '',
    timestamp,
    sign: signCall(credentials, path, timestamp, shopId),
  };
  return shopId === null ? common : { ...common, access_token: credentials['access_token'] ?? '', shop_id: shopId };
}

function request(
  method: 'GET' | 'POST',
  baseUrl: string,
  path: string,
  query: Parameters,
  body: string | null,
): PlatformRequest {
  const url = `${trimSlashes(baseUrl)}${path}?${new URLSearchParams(query).toString()}`;
  const headers = body === null ? { accept: 'application/json' } : { 'content-type': 'application/json' };
  return { method, url, headers, body };
}

/** Success is an empty `error` with a 2xx; `error` takes precedence over the status. */
function readAnswer(
  { account, now }: CallContext,
  response: PlatformResponse,
  pick: (envelope: unknown) => unknown,
): Answer {
  const envelope = answerJson(response.body);
  const error = field(envelope, 'error');
  if (error === '' && response.status >= 200 && response.status < 300) return { ok: true, value: pick(envelope) };
  if (typeof error !== 'string' || error === '') return { ok: false, error: classifyForeign(response, now()) };
  const plain = (words: string) => withoutSecrets(words, account.credentials, ['partner_id']);
  const message = plain(text(field(envelope, 'message')) ?? '');
  return { ok: false, error: classifyError(plain(error), message, response, now()) };
}
