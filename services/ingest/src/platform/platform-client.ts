import { BlockedAddress, checkedConnector, crashPoint } from '@crossdesk/service-kit';
import { Agent, type Dispatcher, request } from 'undici';
import { PlatformCallError, type PlatformRequest, type PlatformResponse } from '@crossdesk/channels/adapters';
import { type FormBody, formBody } from './form-body.ts';

export interface PlatformClientOptions {
  /** From the call to the last byte of the answer. */
  readonly timeoutMs: number;
  readonly bodyBytesMax: number;
  /** For a twin or a sandbox on this machine; also allows plain http. */
  readonly allowPrivateAddresses: boolean;
}

export interface PlatformClient {
  /** Follows no redirects. @throws PlatformCallError */
  call(request: PlatformRequest): Promise<PlatformResponse>;
  close(): Promise<void>;
}

/** Makes all calls to platforms: connects to the address it has checked, within limits of time and size. */
export function createPlatformClient(options: PlatformClientOptions): PlatformClient {
  const { timeoutMs, bodyBytesMax, allowPrivateAddresses } = options;
  const agent = new Agent({
    connect: checkedConnector(allowPrivateAddresses),
    connections: 32,
    pipelining: 1,
    maxResponseSize: bodyBytesMax,
  });

  async function call({ method, url, headers, body, file }: PlatformRequest): Promise<PlatformResponse> {
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
      } = await request(target, {
        dispatcher,
        method,
        ...(file === undefined ? { headers, body } : withForm(headers, formBody(file))),
        signal,
      });
      crashPoint('call-answered', 'ingest');
      return { status: statusCode, headers: flat(answered), body: await bytes.text() };
    } catch (cause) {
      const what = signal.aborted ? `no answer within ${timeoutMs} ms` : reasonOf(cause);
      throw new PlatformCallError(`call to ${target.host} failed: ${what}`, hasLeft, { cause });
    }
  }

  return { call, close: () => agent.destroy() };
}

function withForm(headers: PlatformRequest['headers'], form: FormBody) {
  return { headers: { ...headers, ...form.headers }, body: form.body };
}

/**
 * Calls back when undici has a connection and begins to write. Before that nothing can have been executed. The error
 * code does not show it, because the same codes also occur on established connections.
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

function flat(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  );
}

/** Our own text or the error's code, because messages of the network stack may repeat parts of the request. */
function reasonOf(cause: unknown): string {
  if (cause instanceof BlockedAddress) return cause.message;
  const code: unknown = typeof cause === 'object' && cause !== null ? Reflect.get(cause, 'code') : null;
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') return 'the answer was too large';
  return `no answer (${typeof code === 'string' ? code : 'unknown error'})`;
}
