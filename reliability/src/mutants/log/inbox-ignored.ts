import * as original from '../../../../packages/service-kit/src/consumer/consumed-event.store.ts';

export * from '../../../../packages/service-kit/src/consumer/consumed-event.store.ts';

/** Treats every event as new, also one that is marked already. */
export const takeUnblocked: typeof original.takeUnblocked = async (trx, consumer, events) => {
  await original.takeUnblocked(trx, consumer, events);
  return new Set(events.map(({ id }) => id));
};

export const takeNew: typeof original.takeNew = async (trx, consumer, eventIds) => {
  await original.takeNew(trx, consumer, eventIds);
  return new Set(eventIds);
};
