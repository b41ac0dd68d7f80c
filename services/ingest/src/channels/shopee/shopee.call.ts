import { answerJson, field, text } from '../../channel/platform-json.ts';
import type {
  Credentials,
  FormFile,
  PlatformContext,
  PlatformRequest,
  PlatformResponse,
} from '../../channel/channel.port.ts';
import { classifyError, classifyUnreadable, type ShopeeError, toRefusal } from './shopee.errors.ts';
import { signCall } from './shopee.sign.ts';

export type Answer =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: ShopeeError };

type Parameters = Readonly<Record<string, string>>;

const detailCharactersMax = 300;

/** Calls a shop-level endpoint; the answer is the `response` part of the envelope. Business parameters are not signed. */
export function getFromShop(context: PlatformContext, path: string, parameters: Parameters): Promise<Answer> {
  return askShop(context, 'GET', path, parameters, null);
}

export function postToShop(context: PlatformContext, path: string, body: string): Promise<Answer> {
  return askShop(context, 'POST', path, {}, body);
}

/** Sends one file as a form; like a body it is not signed. */
export async function uploadToShop(context: PlatformContext, path: string, file: FormFile): Promise<Answer> {
  const { account, now } = context;
  const query = signedQuery(account.credentials, path, now(), account.externalAccountId);
  const call = { ...request('POST', account.baseUrls.api, path, query, null), file };
  return readAnswer(context, await context.call(call), (envelope) => field(envelope, 'response'));
}

/** As `getFromShop`, with errors thrown as PlatformRefusal. */
export async function fetchFromShop(context: PlatformContext, path: string, parameters: Parameters): Promise<unknown> {
  const answer = await getFromShop(context, path, parameters);
  if (!answer.ok) throw toRefusal(answer.error);
  return answer.value;
}

/** Calls an authorisation endpoint: signed without a token, and its answer has no `response` around it. */
export async function postToAuth(context: PlatformContext, path: string, body: string): Promise<Answer> {
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

function signedQuery(credentials: Credentials, path: string, now: Date, shopId: string | null): Parameters {
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
  const url = `${baseUrl.replace(/\/+$/, '')}${path}?${new URLSearchParams(query).toString()}`;
  const headers = body === null ? { accept: 'application/json' } : { 'content-type': 'application/json' };
  return { method, url, headers, body };
}

/** Success is an empty `error` with a 2xx; the word in `error` decides before the status does. */
function readAnswer(
  { account, now }: PlatformContext,
  response: PlatformResponse,
  pick: (envelope: unknown) => unknown,
): Answer {
  const envelope = answerJson(response.body);
  const error = field(envelope, 'error');
  if (typeof error !== 'string') return { ok: false, error: classifyUnreadable(response, now()) };
  if (error === '' && response.status >= 200 && response.status < 300) return { ok: true, value: pick(envelope) };
  if (error === '') return { ok: false, error: classifyUnreadable(response, now()) };
  const message = withoutSecrets(text(field(envelope, 'message')) ?? '', account.credentials);
  const word = withoutSecrets(error, account.credentials);
  return { ok: false, error: classifyError(word, message, response, now()) };
}

/** The words of the platform are shown to people and stored: a credential it repeats must not come along. */
function withoutSecrets(message: string, credentials: Credentials): string {
  const secrets = Object.entries(credentials).filter(([name, value]) => name !== 'partner_id' && value !== '');
  return secrets.reduce((clean, [, value]) => clean.replaceAll(value, '***'), message).slice(0, detailCharactersMax);
}
