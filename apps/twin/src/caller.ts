import { encodeJson } from './json.ts';
import type { ConnectedShop, ThreadView } from './model.ts';

/**
 * The client side of a platform's API, as a product uses it. The tests of the twin reach every platform through it, so
 * that they need no knowledge of a single platform.
 */
export interface Caller {
  /** Makes the HTTP request of a call, signed at this time with the credentials of the shop. */
  sign(shop: ConnectedShop, call: UnsignedCall, at: Date): HttpRequest;
  /** The call that sends a text in a thread. Null if sellers cannot write to buyers on this platform. */
  readonly sendText: ((shop: ConnectedShop, thread: ThreadView, text: string) => UnsignedCall) | null;
  /** The message id in the answer to that call; null if the answer is a refusal. */
  sentMessageId(answer: unknown): string | null;
}

/** The receiving side of a platform's webhooks: how a product checks and reads them. */
export interface Receiver {
  /** A promise where the key for the check has to be fetched from the platform. */
  isSigned(shop: ConnectedShop, delivery: Delivery): boolean | Promise<boolean>;
  /** The id of the message in a push; null for a push without a message, such as a receipt. */
  messageId(delivery: Delivery): string | null;
}

/** A call as the platform documents it, before it is signed. */
export interface UnsignedCall {
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** The body to write as JSON. Without `json` and `form` the call is a GET, with one of them a POST. */
  readonly json?: unknown;
  /** The body to write as multipart/form-data. */
  readonly form?: FormData;
}

export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | FormData | null;
}

/** A webhook as it arrived. */
export interface Delivery {
  readonly url: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly raw: string;
  /** The body read as JSON; undefined if it is not JSON. */
  readonly body: unknown;
}

/** Combines a call with the headers and parameters that prove the caller. */
export function toRequest(
  baseUrl: string,
  call: UnsignedCall,
  proof: { readonly query?: Readonly<Record<string, string>>; readonly headers?: Readonly<Record<string, string>> },
): HttpRequest {
  const query = new URLSearchParams({ ...call.query, ...proof.query }).toString();
  const url = `${baseUrl}${call.path}${query === '' ? '' : `?${query}`}`;
  if (call.form !== undefined) return { method: 'POST', url, headers: { ...proof.headers }, body: call.form };
  if (call.json === undefined) return { method: 'GET', url, headers: { ...proof.headers }, body: null };
  const headers = { 'content-type': 'application/json', ...proof.headers };
  return { method: 'POST', url, headers, body: jsonBodyOf(call) };
}

/** The JSON body as it is sent, for the signature; "" for a call without one. */
export function jsonBodyOf({ json }: UnsignedCall): string {
  return json === undefined ? '' : encodeJson(json);
}
