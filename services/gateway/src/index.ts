export { createGateway, type Gateway, type GatewayDeps, type SubgraphAddress } from './app.ts';
export {
  createExternalTokenVerifier,
  createOwnTokenVerifier,
  type ExternalIssuer,
  ownIssuer,
  type OwnIssuer,
  type TokenVerifier,
} from './caller/access-token.ts';
export { type ApiTokenCheck, createApiTokenCheck } from './caller/api-token.ts';
export { type Authenticator, createAuthenticator } from './caller/authenticator.ts';
export { createStandingCheck } from './caller/standing.ts';
export { BadToken, type Identity } from './caller/identity.ts';
export { liveStreams } from './live/streams/streams.ts';
export { readSupergraph } from './supergraph.ts';
export { defaultLimits, type GatewayLimits } from './limits.ts';
export { type GatewaySettings, gatewaySettingsIn, gatewayVariables } from './config.ts';
