import * as original from '../../../../packages/service-kit/src/outbox/relay.store.ts';

export * from '../../../../packages/service-kit/src/outbox/relay.store.ts';

/** Marks events as published when it reads them. */
export const takePending: typeof original.takePending = async (client, published, limit, bytesMax) => {
  const events = await original.takePending(client, published, limit, bytesMax);
  await original.takePending(client, events, 0, 0);
  return events;
};
