import { type AgentId, parseId, type SessionId, type TenantId } from '@crossdesk/contracts';
import {
  type Clock,
  contextHeader,
  type createHttp,
  inputId,
  type Keyring,
  verifyContext,
} from '@crossdesk/service-kit';
import type { JSONWebKeySet } from 'jose';
import type { Introspection } from './introspection.commands.ts';

type Http = ReturnType<typeof createHttp>;

interface TokenAnswers extends Pick<Introspection, 'introspect' | 'standingOf'> {
  readonly runtime: { readonly clock: Clock };
  /** The public keys of the access tokens. */
  jwks(): Promise<JSONWebKeySet>;
}

/**
 * The routes for the gateway about tokens. The public keys of access tokens are open to all. The caller of an API
 * token, and whether the access tokens of a person and a session are still valid, are answered only for requests signed by the
 * gateway.
 */
export function mountTokenRoutes(http: Http, service: TokenAnswers, contextKey: Keyring): void {
  http.get('/.well-known/jwks.json', () => service.jwks());
  http.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => done(null, body));
    /** Answers only the gateway; null for a request that is not signed with its key. */
    function bodyOf(request: { readonly body: unknown; readonly headers: Record<string, unknown> }): unknown {
      const body = String(request.body);
      const header = request.headers[contextHeader];
      const given = typeof header === 'string' ? header : undefined;
      const context = verifyContext(contextKey, given, body, service.runtime.clock.now());
      return context === null ? null : JSON.parse(body);
    }
    scope.post('/internal/introspect', async (request, reply) => {
      const body = bodyOf(request);
      if (body === null) return reply.code(401).send(forGatewayOnly);
      const token = textIn(body, 'token');
      return { caller: token === null ? null : await service.introspect(token) };
    });
    scope.post('/internal/agent-standing', async (request, reply) => {
      const body = bodyOf(request);
      if (body === null) return reply.code(401).send(forGatewayOnly);
      const [tenantId, agentId] = [
        parseId<TenantId>(textIn(body, 'tenantId') ?? ''),
        parseId<AgentId>(textIn(body, 'agentId') ?? ''),
      ];
      const isNobody = tenantId === null || agentId === null;
      // A session that is no id must not pass for none.
      const session = textIn(body, 'sessionId');
      const sessionId = session === null ? null : inputId<SessionId>(session);
      return { standing: isNobody ? null : await service.standingOf(tenantId, agentId, sessionId) };
    });
  });
}

const forGatewayOnly = { message: 'Ask the gateway: this address takes signed requests only.' };

function textIn(body: unknown, name: string): string | null {
  const value: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, name) : null;
  return typeof value === 'string' ? value : null;
}
