import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { newId } from '@crossdesk/contracts';
import { contextHeader, systemClock, verifyContext } from '@crossdesk/service-kit';
import { fastify } from 'fastify';
import { introspectOverHttp } from './introspect-over-http.ts';

const contextKey = { current: randomBytes(32), previous: null };
const owner = { tenantId: newId(), agentId: newId(), role: 'supervisor' };
const http = fastify();
let url: URL;

beforeAll(async () => {
  http.removeAllContentTypeParsers();
  http.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  http.post('/internal/introspect', async (request, reply) => {
    const body = String(request.body);
    if (verifyContext(contextKey, String(request.headers[contextHeader]), body, new Date()) === null)
      return reply.code(401).send();
    const { token } = JSON.parse(body) as { token: string };
    const answers: Record<string, unknown> = {
      cdk_good: { ...owner, kind: 'api-token', scopes: ['crm-read', 'of-a-newer-version'] },
      cdk_odd: { ...owner, role: 'owner' },
    };
    return { caller: answers[token] ?? null };
  });
  url = new URL('/internal/introspect', await http.listen({ host: '127.0.0.1', port: 0 }));
});
afterAll(() => http.close());

test('answers who a token belongs to, and null for an unknown token', async () => {
  const introspect = introspectOverHttp({ url, contextKey, clock: systemClock });
  expect(await introspect('cdk_good')).toEqual({ ...owner, kind: 'api-token', scopes: ['crm-read'] });
  expect(await introspect('cdk_gone')).toBeNull();
});

test('a malformed answer is an error, not a refusal', async () => {
  const introspect = introspectOverHttp({ url, contextKey, clock: systemClock });
  await expect(introspect('cdk_odd')).rejects.toThrow('a malformed caller');
  const stranger = introspectOverHttp({
    url,
    contextKey: { current: randomBytes(32), previous: null },
    clock: systemClock,
  });
  await expect(stranger('cdk_good')).rejects.toThrow('answered 401');
});
