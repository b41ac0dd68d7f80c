import { BlockedAddress, checkedConnector } from '@crossdesk/service-kit';
import { Agent, request } from 'undici';
import { EngineError, type HttpAnswer, type HttpRequest } from './engine-error.domain.ts';

export interface EngineClientOptions {
  /** From the call to the first byte of the answer's body: a streamed answer may take longer than that. */
  readonly firstByteTimeoutMs: number;
  /** From the call to the last byte of the answer. */
  readonly timeoutMs: number;
  /** Also allows plain http: for an engine on this machine or network. */
  readonly allowPrivateAddresses: boolean;
}

export interface EngineClient {
  /** @throws EngineError */
  post(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer>;
  close(): Promise<void>;
}

const answerBytesMax = 2 * 1024 * 1024;

/** Makes all calls to engines: connects to the address it has checked, follows no redirect, within limits of time and size. */
export function createEngineClient({
  firstByteTimeoutMs,
  timeoutMs,
  allowPrivateAddresses,
}: EngineClientOptions): EngineClient {
  const agent = new Agent({
    connect: checkedConnector(allowPrivateAddresses),
    connections: 16,
    pipelining: 1,
    maxResponseSize: answerBytesMax,
  });

  async function post({ url, headers, body }: HttpRequest, until: AbortSignal): Promise<HttpAnswer> {
    const target = URL.canParse(url) ? new URL(url) : null;
    if (target === null || (target.protocol !== 'https:' && !allowPrivateAddresses))
      throw new EngineError('blocked-address', 'the address has to begin with https://');
    const isForm = body instanceof URLSearchParams;
    const type = isForm ? 'application/x-www-form-urlencoded' : 'application/json';
    const silence = new AbortController();
    const signal = AbortSignal.any([until, AbortSignal.timeout(timeoutMs), silence.signal]);
    const timer = setTimeout(() => silence.abort(), firstByteTimeoutMs);
    try {
      const answer = await request(target, {
        dispatcher: agent,
        method: 'POST',
        headers: { 'content-type': type, accept: 'application/json', ...headers },
        body: isForm ? body.toString() : JSON.stringify(body),
        signal,
      });
      const text = await textOf(answer.body, () => clearTimeout(timer));
      return { status: answer.statusCode, headers: flat(answer.headers), text, json: jsonIn(text) };
    } catch (cause) {
      if (signal.aborted) throw new EngineError('timeout', 'no answer in time', null, { cause });
      if (cause instanceof BlockedAddress) throw new EngineError('blocked-address', cause.message, null, { cause });
      throw new EngineError('unavailable', 'no answer', null, { cause });
    } finally {
      clearTimeout(timer);
    }
  }

  return { post, close: () => agent.destroy() };
}

async function textOf(body: AsyncIterable<Uint8Array>, onFirstByte: () => void): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of body) {
    onFirstByte();
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function flat(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  );
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
