import { parseId, type AgentId, type TenantId } from '@crossdesk/contracts';
import {
  type Access,
  apiTokenScopes,
  type Caller,
  type Clock,
  contextHeader,
  decodeAccess,
  type Keyring,
  signContext,
} from '@crossdesk/service-kit';
import { request } from 'undici';
import { ownContext } from '../trace.ts';
import { roleOf } from './access-token.ts';
import type { AskStanding, Standing } from './standing.ts';

export interface IntrospectOptions {
  /** The conversation service. */
  readonly url: URL;
  readonly contextKey: Keyring;
  readonly clock: Clock;
}

const timeoutMs = 3_000;

/** Asks the conversation service, which owns API tokens, who a token belongs to; null for nobody. */
export function introspectOverHttp(options: IntrospectOptions): (token: string) => Promise<Caller | null> {
  return async (token) => decodeCaller(await askOwner(options, 'introspect', { token }));
}

/** Asks the conversation service for the standing of a person and their session; null for a person it does not know. */
export function standingOverHttp(options: IntrospectOptions): AskStanding {
  return async (tenantId, agentId, sessionId) =>
    decodeStanding(await askOwner(options, 'agent-standing', { tenantId, agentId, sessionId }));
}

async function askOwner(
  { url, contextKey, clock }: IntrospectOptions,
  what: string,
  question: object,
): Promise<unknown> {
  const body = JSON.stringify(question);
  const context = ownContext();
  const response = await request(new URL(`/internal/${what}`, url), {
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
    throw new Error(`the owner of tokens answered ${response.statusCode}`);
  }
  return response.body.json();
}

function decodeStanding(answer: unknown): Standing | null {
  const standing: unknown = typeof answer === 'object' && answer !== null ? Reflect.get(answer, 'standing') : undefined;
  if (standing === null) return null;
  if (typeof standing === 'object' && 'isActive' in standing && 'epoch' in standing) {
    const { isActive, epoch } = standing;
    if (typeof isActive === 'boolean' && typeof epoch === 'number')
      return { isActive, epoch, ...withAccess(Reflect.get(standing, 'access')) };
  }
  throw new Error('the owner of tokens answered without a standing');
}

function decodeCaller(answer: unknown): Caller | null {
  if (typeof answer !== 'object' || answer === null || !('caller' in answer)) {
    throw new Error('the owner of API tokens answered without a caller');
  }
  const { caller } = answer;
  if (typeof caller !== 'object' || caller === null) return null;
  const { tenantId, agentId, role, scopes, access } = caller as Record<string, unknown>;
  const tenant = typeof tenantId === 'string' ? parseId<TenantId>(tenantId) : null;
  const agent = typeof agentId === 'string' ? parseId<AgentId>(agentId) : null;
  const known = roleOf(role);
  if (tenant === null || agent === null || known === null || !Array.isArray(scopes))
    throw new Error('the owner of API tokens answered with a malformed caller');
  return {
    kind: 'api-token',
    tenantId: tenant,
    agentId: agent,
    role: known,
    ...withAccess(access),
    scopes: apiTokenScopes.filter((scope) => scopes.includes(scope)),
  };
}

function withAccess(value: unknown): { readonly access?: Access } {
  return value === undefined ? {} : { access: decodeAccess(value) };
}
