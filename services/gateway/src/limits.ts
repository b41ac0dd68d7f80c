export interface GatewayLimits {
  readonly bodyBytesMax: number;
  /** Bodies of one address, and of all, that are being read or answered; the heap of a container is 230 MB. */
  readonly bodyBytesPerAddressMax: number;
  readonly bodyBytesAtOnceMax: number;
  readonly tokensMax: number;
  /** Levels of fields; graphql-js bounds introspection by itself. */
  readonly depthMax: number;
  readonly aliasesMax: number;
  readonly rootFieldsMax: number;
  readonly directivesMax: number;
  /** Items of lists and fields of objects. */
  readonly variableValuesMax: number;
  readonly variableDepthMax: number;
  /** One unit is about one object in an answer; see cost.ts. */
  readonly costMax: number;
  readonly costPerMinuteMax: number;
  /** Of one address without a token: enough to sign in and to read the schema. */
  readonly anonymousCostPerMinuteMax: number;
  /** From one address; people behind one office address share it. */
  readonly signInsPerMinuteMax: number;
  /** About a millisecond each, of one caller; without a valid token, of one address. */
  readonly refusedWorkPerMinuteMax: number;
  readonly subgraphTimeoutMs: number;
  readonly subgraphAnswerBytesMax: number;
  readonly readinessTimeoutMs: number;
  /** Of one address, HTTP and sockets together; an office of some hundred people shares one. */
  readonly connectionsPerAddressMax: number;
  /** Fewer than the server takes at most, so that the address with most of them loses one. */
  readonly connectionsMax: number;
  readonly socketsMax: number;
  /** Different live queries of one caller, over all their sockets: each of them is answered anew for an event. */
  readonly liveQueriesPerCallerMax: number;
  readonly subscriptionsPerSocketMax: number;
  readonly socketMessageBytesMax: number;
  readonly connectionInitTimeoutMs: number;
  readonly keepAliveMs: number;
  /** How long a socket with an API token stays open without asking again whether the token is still valid. */
  readonly tokenRecheckMs: number;
  /** Events that wait for one slow subscriber before its stream ends. */
  readonly queuedEventsMax: number;
}

/** A page of 100 conversations with customer, order and ten messages each costs about 4,000. */
export const defaultLimits: GatewayLimits = {
  bodyBytesMax: 128 * 1024,
  bodyBytesPerAddressMax: 4 * 1024 * 1024,
  bodyBytesAtOnceMax: 32 * 1024 * 1024,
  tokensMax: 2_000,
  depthMax: 14,
  aliasesMax: 30,
  rootFieldsMax: 10,
  directivesMax: 30,
  variableValuesMax: 5_000,
  variableDepthMax: 20,
  costMax: 10_000,
  costPerMinuteMax: 200_000,
  anonymousCostPerMinuteMax: 10_000,
  signInsPerMinuteMax: 60,
  refusedWorkPerMinuteMax: 2_000,
  subgraphTimeoutMs: 10_000,
  subgraphAnswerBytesMax: 16 * 1024 * 1024,
  readinessTimeoutMs: 1_000,
  connectionsPerAddressMax: 1_000,
  connectionsMax: 3_900,
  socketsMax: 3_000,
  liveQueriesPerCallerMax: 100,
  subscriptionsPerSocketMax: 20,
  socketMessageBytesMax: 128 * 1024,
  connectionInitTimeoutMs: 5_000,
  keepAliveMs: 15_000,
  tokenRecheckMs: 15_000,
  queuedEventsMax: 1_000,
};
