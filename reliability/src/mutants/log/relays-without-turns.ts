import * as original from '../../../../packages/service-kit/src/outbox/relay.store.ts';

export * from '../../../../packages/service-kit/src/outbox/relay.store.ts';

/** Publishes also when another relay has the lock. */
export const lockRelay: typeof original.lockRelay = async (client, service) => {
  await original.lockRelay(client, service);
  return true;
};
