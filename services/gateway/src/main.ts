import {
  checkAddresses,
  type Clock,
  contextKeyOf,
  createHealth,
  healthAddress,
  listen,
  measureProcess,
  openBroker,
  openProcessLog,
  type RunningProcess,
  runProcess,
  startTracing,
  stopInOrder,
  systemClock,
} from '@crossdesk/service-kit';
import { request } from 'undici';
import { createGateway } from './app.ts';
import {
  createExternalTokenVerifier,
  createOwnTokenVerifier,
  ownIssuer,
  type TokenVerifier,
} from './caller/access-token.ts';
import { createApiTokenCheck } from './caller/api-token.ts';
import { createAuthenticator } from './caller/authenticator.ts';
import { introspectOverHttp, standingOverHttp } from './caller/introspect-over-http.ts';
import { createStandingCheck } from './caller/standing.ts';
import { type GatewayConfig, processEnvironment, readGatewayConfig } from './config.ts';
import { liveStreams } from './live/streams/streams.ts';
import { readSupergraph } from './supergraph.ts';

async function start(): Promise<RunningProcess> {
  const config = readGatewayConfig(processEnvironment());
  const address = { host: config.host, port: config.port, variable: 'GATEWAY_PORT' };
  await checkAddresses([address, healthAddress(config)]);
  const log = openProcessLog('gateway', config);
  const traces = await startTracing('gateway', config.tracing, log);
  const clock = systemClock;
  const owner = { url: config.conversationUrl, contextKey: contextKeyOf(config.keys, 'conversation'), clock };
  const broker = await openBroker({ ...config, log });
  const gateway = await createGateway({
    ...config,
    supergraphSdl: await readSupergraph(),
    subgraphs: Object.fromEntries(
      Object.entries(config.subgraphUrls).map(([name, url]) => [name, { kind: 'http', url } as const]),
    ),
    streams: liveStreams,
    broker,
    auth: createAuthenticator({
      accessToken: verifierOf(config, clock),
      apiToken: createApiTokenCheck(introspectOverHttp(owner)),
      standing: createStandingCheck(standingOverHttp(owner)),
    }),
    log,
    clock,
    jwks: () => fetchKeySet(config.jwksUrl),
  });
  const { metrics, problems } = gateway;
  measureProcess(metrics);
  const health = createHealth({ service: 'gateway', log, metrics: [metrics], problems });
  const listensAt = await listen(gateway.http, address);
  await listen(health, healthAddress(config));
  log.info({ address: listensAt }, 'gateway listens');
  return {
    log,
    stop: (deadlineMs) =>
      stopInOrder(
        [
          { name: 'gateway', stop: gateway.stop },
          { name: 'broker', stop: () => broker.close() },
          { name: 'health', stop: () => health.close() },
          traces,
        ],
        deadlineMs,
        log,
      ),
  };
}

function verifierOf({ oidc, jwksUrl }: GatewayConfig, clock: Clock): TokenVerifier {
  if (oidc === null) return createOwnTokenVerifier({ ...ownIssuer, keys: jwksUrl, clock });
  const { tokenAgeSecondsMax } = ownIssuer;
  return createExternalTokenVerifier({ ...oidc, keys: oidc.jwksUrl, tokenAgeSecondsMax, clock });
}

async function fetchKeySet(url: URL): Promise<object> {
  const answer: unknown = await (await request(url)).body.json();
  if (typeof answer === 'object' && answer !== null && 'keys' in answer) return answer;
  throw new Error('services/conversation publishes no key set');
}

await runProcess(start);
