import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { Agent, buildConnector, type Dispatcher, request } from 'undici';
import { PlatformCallError, type PlatformRequest, type PlatformResponse } from './channel.port.ts';

export interface PlatformClientOptions {
  /** From the call to the last byte of the answer. */
  readonly timeoutMs: number;
  readonly bodyBytesMax: number;
  /** For a twin or a sandbox on this machine; plain http is allowed then, too. */
  readonly allowPrivateAddresses: boolean;
}

export interface PlatformClient {
  /** Follows no redirects. @throws PlatformCallError */
  call(request: PlatformRequest): Promise<PlatformResponse>;
  close(): Promise<void>;
}

const connectTimeoutMs = 5_000;

/** Thrown before anything is sent. */
class BlockedAddress extends Error {
  override name = 'BlockedAddress';
}

/** The one way out to platforms: connects to the address it has checked, within limits of time and size. */
export function createPlatformClient(options: PlatformClientOptions): PlatformClient {
  const { timeoutMs, bodyBytesMax, allowPrivateAddresses } = options;
  const agent = new Agent({
    connect: checkedConnector(allowPrivateAddresses),
    connections: 32,
    pipelining: 1,
    maxResponseSize: bodyBytesMax,
  });

  async function call({ method, url, headers, body }: PlatformRequest): Promise<PlatformResponse> {
    const target = URL.canParse(url) ? new URL(url) : null;
    if (target === null || (target.protocol !== 'https:' && !allowPrivateAddresses)) {
      throw new PlatformCallError('the address of the platform must begin with https://', false);
    }
    const signal = AbortSignal.timeout(timeoutMs);
    let hasLeft = false;
    const dispatcher = agent.compose(
      beforeWriting(() => {
        hasLeft ||= !signal.aborted;
      }),
    );
    try {
      const {
        statusCode,
        headers: answered,
        body: bytes,
      } = await request(target, { dispatcher, method, headers, body, signal });
      return { status: statusCode, headers: flat(answered), body: await bytes.text() };
    } catch (cause) {
      const what = signal.aborted ? `no answer within ${timeoutMs} ms` : reasonOf(cause);
      throw new PlatformCallError(`call to ${target.host} failed: ${what}`, hasLeft, { cause });
    }
  }

  return { call, close: () => agent.destroy() };
}

/**
 * Tells when undici has a connection and begins to write. Before that nothing can have been executed, whatever the
 * error is called: the same codes also occur on established connections.
 */
function beforeWriting(begin: () => void): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) =>
    dispatch(options, {
      onRequestStart: (controller, context) => {
        begin();
        handler.onRequestStart?.(controller, context);
      },
      onRequestUpgrade: (...args) => handler.onRequestUpgrade?.(...args),
      onResponseStart: (...args) => handler.onResponseStart?.(...args),
      onResponseData: (...args) => handler.onResponseData?.(...args),
      onResponseEnd: (...args) => handler.onResponseEnd?.(...args),
      onResponseError: (...args) => handler.onResponseError?.(...args),
    });
}

/** Resolves the name once, refuses addresses that are not public, and connects to just that address. */
function checkedConnector(allowPrivateAddresses: boolean): buildConnector.connector {
  const connect = buildConnector({ timeout: connectTimeoutMs });
  const connectChecked: (...given: Parameters<typeof connect>) => Promise<void> = async (options, done) => {
    try {
      const hostname = await publicAddress(options.hostname, allowPrivateAddresses);
      const servername = options.servername || (isIP(options.hostname) === 0 ? options.hostname : '');
      connect({ ...options, hostname, servername }, done);
    } catch (cause) {
      done(cause instanceof Error ? cause : new Error('the name was not resolved', { cause }), null);
    }
  };
  return (...given) => void connectChecked(...given);
}

async function publicAddress(hostname: string, allowPrivateAddresses: boolean): Promise<string> {
  const { address } = await lookup(hostname.replace(/^\[|\]$/g, ''));
  if (allowPrivateAddresses || ipaddr.process(address).range() === 'unicast') return address;
  throw new BlockedAddress(`${hostname} is not a public address`);
}

function flat(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  );
}

/** Our own words or the error's code: messages of the network stack may repeat parts of the request. */
function reasonOf(cause: unknown): string {
  if (cause instanceof BlockedAddress) return cause.message;
  const code: unknown = typeof cause === 'object' && cause !== null ? Reflect.get(cause, 'code') : null;
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') return 'the answer was too large';
  return `no answer (${typeof code === 'string' ? code : 'unknown error'})`;
}
