import type { CallContext, FormFile, PlatformRequest, PlatformResponse } from '../port/index.ts';
import { type Answer, valueOf, withoutSecrets } from '../shared/platform-error.ts';
import { answerJson, field, integer, text } from '../shared/platform-json.ts';
import { classifyError, classifyForeign } from './tiktok-shop.errors.ts';
import { signCall } from './tiktok-shop.sign.ts';
import { trimSlashes } from '../shared/trim-slashes.ts';

/** One call of the shop's API; `body` null makes it a GET. */
export interface ShopCall {
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** A form with one file instead of a body. */
  readonly file?: FormFile;
}

/**
 * Calls the shop's API. A signature is valid for five minutes: when the platform refuses the timestamp, one second try
 * is signed with the platform's time from its answer.
 */
export async function askShop(context: CallContext, call: ShopCall): Promise<Answer> {
  const response = await context.call(signedRequest(context, call, context.now()));
  const answer = readAnswer(context, response);
  if (answer.ok || answer.error.kind !== 'clock') return answer;
  const platformTimeMs = Date.parse(response.headers['date'] ?? '');
  if (Number.isNaN(platformTimeMs)) return answer;
  return readAnswer(context, await context.call(signedRequest(context, call, new Date(platformTimeMs))));
}

/** As `askShop`, with errors thrown as PlatformRefusal. */
export async function fetchFromShop(context: CallContext, call: ShopCall): Promise<unknown> {
  return valueOf(await askShop(context, call));
}

/** Success is code 0 and a 2xx status; errors often come with HTTP 200. */
export function readAnswer({ account, now }: CallContext, response: PlatformResponse): Answer {
  const envelope = answerJson(response.body);
  const code = integer(field(envelope, 'code'));
  const isSuccess = response.status >= 200 && response.status < 300;
  if (code === null || (code === 0 && !isSuccess)) return { ok: false, error: classifyForeign(response, now()) };
  if (code === 0) return { ok: true, value: field(envelope, 'data') };
  const message = withoutSecrets(text(field(envelope, 'message')) ?? '', account.credentials);
  return { ok: false, error: classifyError(code, message, response, now()) };
}

export function urlOf(baseUrl: string, path: string, query: Readonly<Record<string, string>>): string {
  return `${trimSlashes(baseUrl)}${path}?${new URLSearchParams(query).toString()}`;
}

function signedRequest({ account }: CallContext, { path, query, body, file }: ShopCall, at: Date): PlatformRequest {
  const { app_key = '', app_secret: appSecret = '', shop_cipher = '', access_token = '' } = account.credentials;
  const timestamp = String(Math.floor(at.getTime() / 1_000));
  // The list of shops is read before there is a cipher.
  const signed = { ...query, app_key, ...(shop_cipher === '' ? {} : { shop_cipher }), timestamp };
  const sign = signCall({ appSecret, path, query: signed, body: body ?? '' });
  const url = urlOf(account.baseUrls.api, path, { ...signed, sign });
  const token = { 'x-tts-access-token': access_token };
  // A form has its own content type and is not part of the signature.
  if (file !== undefined) return { method: 'POST', url, headers: token, body: null, file };
  const headers = { 'content-type': 'application/json', ...token };
  return { method: body === null ? 'GET' : 'POST', url, headers, body };
}
