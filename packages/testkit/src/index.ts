export { freePorts } from '@crossdesk/local-machine';
export * from './event-log.ts';
export * from './given.ts';
export * from './graphql-client.ts';
export * from './harness.ts';
export * from './kafka.ts';
export * from './postgres.ts';
export * from './figures.ts';
export * from './waiting/index.ts';
