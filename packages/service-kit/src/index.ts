export { brokerVariables, kafkaIn } from './broker/broker-config.ts';
export * from './broker/broker.port.ts';
export * from './broker/embedded.ts';
export { openKafkaBroker } from './broker/kafka.ts';
export type { KafkaOptions } from './broker/kafkajs.ts';
export { openReaderAdmin } from './broker/kafka-readers.ts';
export { openTopicAdmin, type TopicStep } from './broker/kafka-topics.ts';
export * from './broker/open-broker.ts';
export * from './consumer/consumer.port.ts';
export { type ConsumerDeps, type ConsumerSpec, startConsumer } from './consumer/consumer.ts';
export * from './consumer/dead-letters.ts';
export * from './db/binary-array.ts';
export * from './db/database.ts';
export * from './db/errors.ts';
export { embeddedLogSchema, migrate, type ServiceSchema, serviceUrl } from './db/migrate.ts';
export * from './http/dead-letter-resolvers.ts';
export * from './http/graphql.ts';
export * from './http/request-context.ts';
export * from './http/server.ts';
export * from './http/subgraph.ts';
export * from './outbox/outbox.ts';
export * from './outbox/relay.ts';
export { type Projection, type Rebuilt, rebuildProjection, type RebuildOptions } from './rebuild/rebuild.ts';
export * from './runtime/config.ts';
export { crashPoint } from './runtime/crash-point.ts';
export * from './runtime/due-work.ts';
export * from './runtime/keys.ts';
export * from './runtime/log.ts';
export { addReading, createMetrics, measureProcess, type Metrics } from './runtime/metrics.ts';
export * from './runtime/sealing.ts';
export * from './runtime/process.ts';
export * from './runtime/service.ts';
export { outboxKeptMonths, readServiceConfig, runService } from './runtime/service-process.ts';
export * from './runtime/shutdown.ts';
export {
  type OpenSpan,
  startTracing,
  traced,
  tracingIn,
  type TracingOptions,
  tracingVariables,
} from './runtime/tracing.ts';
