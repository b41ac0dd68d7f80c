import { contextHeader, signContext } from '@crossdesk/service-kit';
import type { Clock, Keyring } from '@crossdesk/service-kit';
import { type Dispatcher, errors, Pool } from 'undici';
import { ownContext } from '../trace.ts';
import { signOfLife, type SubgraphAnswer, type SubgraphCall, type SubgraphSource } from './subgraph-source.ts';

export interface HttpSourceOptions {
  readonly name: string;
  readonly url: string;
  readonly contextKey: Keyring;
  readonly answerBytesMax: number;
  readonly timeoutMs: number;
  readonly clock: Clock;
}

const connectionsMax = 64;
const connectTimeoutMs = 2_000;
const triesMax = 3;

/** A subgraph in another process. Every request carries a context signed for exactly its bytes. */
export function httpSource(options: HttpSourceOptions): SubgraphSource {
  const { origin, pathname, search } = new URL(options.url);
  const { timeoutMs } = options;
  const poolOf = (connections: number) =>
    new Pool(origin, {
      connections,
      pipelining: 1,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      connect: { timeout: connectTimeoutMs },
    });
  const pool = poolOf(connectionsMax);
  // A probe must not wait behind the questions it is about.
  const probes = poolOf(1);

  async function send(
    { request, context, signal }: Omit<SubgraphCall, 'isMutation'>,
    by = pool,
  ): Promise<SubgraphAnswer> {
    const body = JSON.stringify(request);
    const response = await by.request({
      method: 'POST',
      path: pathname + search,
      body,
      signal,
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        traceparent: context.traceparent,
        'x-request-id': context.requestId,
        [contextHeader]: signContext(options.contextKey, context, body, options.clock.now()),
      },
    });
    const text = await readText(response.body, options.answerBytesMax);
    if (response.statusCode !== 200) throw new Error(`subgraph ${options.name} answered ${response.statusCode}`);
    return decodeAnswer(JSON.parse(text));
  }

  return {
    name: options.name,
    async ask(call) {
      for (let tries = 1; ; tries += 1) {
        try {
          return await send(call);
        } catch (cause) {
          // A mutation is never sent twice: after a broken connection nobody knows whether it arrived.
          if (call.isMutation || call.signal.aborted || tries === triesMax || !isConnectionTrouble(cause)) throw cause;
        }
      }
    },
    probe: (signal) => send({ request: signOfLife, context: ownContext(), signal }, probes),
    async stop() {
      await Promise.all([pool.destroy(), probes.destroy()]);
    },
  };
}

function isConnectionTrouble(cause: unknown): boolean {
  if (cause instanceof errors.ConnectTimeoutError || cause instanceof errors.SocketError) return true;
  const code = cause instanceof Error && 'code' in cause ? cause.code : null;
  return code === 'ECONNREFUSED' || code === 'ECONNRESET' || code === 'EPIPE';
}

async function readText(body: Dispatcher.ResponseData['body'], bytesMax: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    if (!Buffer.isBuffer(chunk)) throw new Error('a subgraph answered with text where bytes were expected');
    bytes += chunk.length;
    if (bytes > bytesMax) {
      body.destroy();
      throw new Error(`a subgraph answered with more than ${bytesMax} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function decodeAnswer(value: unknown): SubgraphAnswer {
  if (typeof value !== 'object' || value === null || !('data' in value || 'errors' in value)) {
    throw new Error('a subgraph answered with JSON that is not a GraphQL answer');
  }
  return value as SubgraphAnswer;
}
