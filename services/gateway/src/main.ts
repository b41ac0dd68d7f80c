import { readFile } from 'node:fs/promises';
import { createLog, deriveKey, openBroker, stopInOrder, systemClock } from '@crossdesk/service-kit';
import { request } from 'undici';
import { createGateway } from './app.ts';
import { createExternalTokenVerifier, createOwnTokenVerifier, ownIssuer } from './caller/access-token.ts';
import { createApiTokenCheck } from './caller/api-token.ts';
import { createAuthenticator } from './caller/authenticator.ts';
import { introspectOverHttp } from './caller/introspect-over-http.ts';
import { processEnvironment, readGatewayConfig } from './config.ts';

const shutdownMs = 15_000;

const config = readGatewayConfig(processEnvironment());
const log = createLog('gateway', config.logLevel);
const clock = systemClock;
const contextKey = deriveKey(config.master, 'request-context');
const broker = await openBroker({ databaseUrl: config.databaseUrl, master: config.master, log });
const accessToken =
  config.oidc === null
    ? createOwnTokenVerifier({ ...ownIssuer, keys: config.jwksUrl, clock })
    : createExternalTokenVerifier({ ...config.oidc, keys: config.oidc.jwksUrl, tokenAgeSecondsMax: ownIssuer.tokenAgeSecondsMax, clock });
const apiToken = createApiTokenCheck(introspectOverHttp({ url: config.apiTokensUrl, contextKey, clock }), clock);

const gateway = await createGateway({
  ...config,
  supergraphSdl: await readFile(new URL('../supergraph.graphql', import.meta.url), 'utf8'),
  subgraphs: Object.fromEntries(Object.entries(config.subgraphUrls).map(([name, url]) => [name, { kind: 'http', url } as const])),
  contextKey,
  broker,
  auth: createAuthenticator({ accessToken, apiToken }),
  log,
  clock,
  jwks: async () => decodeKeySet(await (await request(config.jwksUrl)).body.json()),
});
const address = await gateway.http.listen({ host: config.host, port: config.port });
log.info({ address }, 'gateway listens');

function decodeKeySet(answer: unknown): object {
  if (typeof answer !== 'object' || answer === null || !('keys' in answer)) throw new Error('no key set at CONVERSATION_JWKS_URL');
  return answer;
}

async function stop(): Promise<void> {
  await stopInOrder([{ name: 'gateway', stop: gateway.stop }, { name: 'broker', stop: broker.close }], shutdownMs, log);
  process.exit(0);
}
process.once('SIGTERM', () => void stop());
process.once('SIGINT', () => void stop());
