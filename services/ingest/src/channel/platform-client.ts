import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { Agent, buildConnector, errors } from 'undici';
import { PlatformCallError, type PlatformRequest, type PlatformResponse } from './channel.port.ts';

export interface PlatformClientOptions {
  /** From the first byte sent to the last byte of the answer. */
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
  const agent = new Agent({ connect: checkedConnector(allowPrivateAddresses), connections: 32, pipelining: 1, maxResponseSize: bodyBytesMax });

  async function call({ method, url, headers, body }: PlatformRequest): Promise<PlatformResponse> {
    const target = URL.canParse(url) ? new URL(url) : null;
    if (target === null || (target.protocol !== 'https:' && !allowPrivateAddresses)) {
      throw new PlatformCallError('the address of the platform must begin with https://', false);
    }
    try {
      const answer = await agent.request({
        origin: target.origin,
        path: `${target.pathname}${target.search}`,
        method,
        headers,
        body,
        signal: AbortSignal.timeout(timeoutMs),
      });
      return { status: answer.statusCode, headers: flat(answer.headers), body: await answer.body.text() };
    } catch (cause) {
      throw toCallError(cause, target.host);
    }
  }

  return { call, close: () => agent.destroy() };
}

/** Resolves the name once, refuses addresses that are not public, and connects to just that address. */
function checkedConnector(allowPrivateAddresses: boolean): buildConnector.connector {
  const connect = buildConnector({ timeout: connectTimeoutMs });
  return (options, done) => {
    publicAddress(options.hostname, allowPrivateAddresses).then(
      (address) => connect({ ...options, hostname: address, servername: options.servername || (isIP(options.hostname) === 0 ? options.hostname : '') }, done),
      (error: Error) => done(error, null),
    );
  };
}

async function publicAddress(hostname: string, allowPrivateAddresses: boolean): Promise<string> {
  const { address } = await lookup(hostname.replace(/^\[|\]$/g, ''));
  if (allowPrivateAddresses || ipaddr.process(address).range() === 'unicast') return address;
  throw new BlockedAddress(`${hostname} is not a public address`);
}

function flat(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]));
}

const neverSent = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT'];

function toCallError(cause: unknown, host: string): PlatformCallError {
  const code: unknown = cause instanceof Error ? Reflect.get(cause, 'code') : null;
  const isTls = typeof code === 'string' && /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/.test(code);
  const isUnsent = cause instanceof BlockedAddress || isTls || (typeof code === 'string' && neverSent.includes(code));
  const isLarge = cause instanceof errors.ResponseExceededMaxSizeError;
  const what = cause instanceof BlockedAddress ? cause.message : isLarge ? 'the answer was too large' : `no answer (${String(code ?? 'time-out')})`;
  return new PlatformCallError(`call to ${host} failed: ${what}`, !isUnsent, { cause });
}
