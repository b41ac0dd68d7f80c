export * from './channels.ts';
export * from './codec.ts';
export * from './define-event.ts';
export * from './envelope.ts';
export * from './events.ts';
export type { Buyer, PlatformOrder } from './events/ingest.ts';
export * from './ids.ts';
export * from './topics.ts';
export type { Static } from '@sinclair/typebox';
