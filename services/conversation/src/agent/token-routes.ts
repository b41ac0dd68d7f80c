import { type createHttp, contextHeader, verifyContext } from '@crossdesk/service-kit';
import type { ConversationService } from '../app.ts';

type Http = ReturnType<typeof createHttp>;

/**
 * What the gateway asks about tokens: the public keys of access tokens, open to all, and whom an API token belongs to,
 * for requests signed by the gateway alone.
 */
export function mountTokenRoutes(
  http: Http,
  service: Pick<ConversationService, 'jwks' | 'introspect' | 'runtime'>,
  contextKey: Buffer,
): void {
  http.get('/.well-known/jwks.json', () => service.jwks());
  http.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => done(null, body));
    scope.post('/internal/introspect', async (request, reply) => {
      const body = String(request.body);
      const header = request.headers[contextHeader];
      const context = verifyContext(
        contextKey,
        typeof header === 'string' ? header : undefined,
        body,
        service.runtime.clock.now(),
      );
      if (context === null)
        return reply.code(401).send({ message: 'Ask the gateway: this address takes signed requests only.' });
      const token = tokenIn(body);
      return { caller: token === null ? null : await service.introspect(token) };
    });
  });
}

function tokenIn(body: string): string | null {
  const value: unknown = JSON.parse(body);
  const token: unknown = typeof value === 'object' && value !== null && 'token' in value ? value.token : null;
  return typeof token === 'string' ? token : null;
}
