import { newId, parseId, type AgentId, type TenantId } from '@crossdesk/contracts';
import { type Caller, type Clock, contextHeader, signContext } from '@crossdesk/service-kit';
import { request } from 'undici';
import { continueTrace } from '../trace.ts';
import { roleOf } from './access-token.ts';

export interface IntrospectOptions {
  readonly url: URL;
  readonly contextKey: Buffer;
  readonly clock: Clock;
}

const timeoutMs = 3_000;

/** Asks the conversation service, which owns API tokens, whom one belongs to; null when it belongs to nobody. */
export function introspectOverHttp({
  url,
  contextKey,
  clock,
}: IntrospectOptions): (token: string) => Promise<Caller | null> {
  return async (token) => {
    const body = JSON.stringify({ token });
    const context = {
      caller: { kind: 'anonymous' },
      requestId: newId(),
      traceparent: continueTrace(undefined),
      clientAddress: '',
    } as const;
    const response = await request(url, {
      method: 'POST',
      body,
      headers: {
        'content-type': 'application/json',
        [contextHeader]: signContext(contextKey, context, body, clock.now()),
      },
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (response.statusCode !== 200) {
      await response.body.dump();
      throw new Error(`the owner of API tokens answered ${response.statusCode}`);
    }
    return decodeCaller(await response.body.json());
  };
}

function decodeCaller(answer: unknown): Caller | null {
  if (typeof answer !== 'object' || answer === null || !('caller' in answer)) {
    throw new Error('the owner of API tokens answered something else than { caller }');
  }
  const { caller } = answer;
  if (typeof caller !== 'object' || caller === null) return null;
  const { tenantId, agentId, role } = caller as Record<string, unknown>;
  const tenant = typeof tenantId === 'string' ? parseId<TenantId>(tenantId) : null;
  const agent = typeof agentId === 'string' ? parseId<AgentId>(agentId) : null;
  const known = roleOf(role);
  if (tenant === null || agent === null || known === null)
    throw new Error('the owner of API tokens answered with a caller that is not one');
  return { kind: 'api-token', tenantId: tenant, agentId: agent, role: known };
}
