import type { EventDefinition } from '../../../../packages/contracts/src/define-event.ts';
import * as original from '../../../../packages/contracts/src/events.ts';

export * from '../../../../packages/contracts/src/events.ts';

/** Refuses an event that has a field which is not in its schema. */
export const eventDefinitions: readonly EventDefinition[] = original.eventDefinitions.map((definition) => ({
  ...definition,
  data: { ...definition.data, additionalProperties: false },
}));
