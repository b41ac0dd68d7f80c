import { type AnyEvent, eventDefinitions } from './events.ts';

/** The event without the personal data of its buyer; null when its type has none. */
export function erasedEvent(event: AnyEvent): AnyEvent | null {
  const personal = eventDefinitions.find(({ type }) => type === event.type)?.personal ?? null;
  // Type and data match, because the event passed its contract.
  return personal === null ? null : ({ ...event, data: personal.erase(event.data as never) } as AnyEvent);
}
