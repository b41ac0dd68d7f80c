import * as original from '../../../../packages/service-kit/src/outbox/relay.store.ts';

export * from '../../../../packages/service-kit/src/outbox/relay.store.ts';

/** Marks events as published when it reads them. */
export const pendingEvents: typeof original.pendingEvents = async (client, limit, bytesMax) => {
  const events = await original.pendingEvents(client, limit, bytesMax);
  await original.markPublished(client, events);
  return events;
};
