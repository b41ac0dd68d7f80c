import type { EventType } from '@crossdesk/contracts';
import type { Delivered } from './consumer.port.ts';

/**
 * Cuts a batch behind each event of a type: what such an event says holds for all before it and nothing behind it, so
 * handlers that take a batch kind by kind take it run by run. Mostly there is one run.
 */
export function runsUntil<T extends EventType>(events: readonly Delivered<T>[], type: T): Delivered<T>[][] {
  const runs: Delivered<T>[][] = [[]];
  for (const one of events) {
    runs.at(-1)?.push(one);
    if (one.event.type === type) runs.push([]);
  }
  return runs.filter((run) => run.length > 0);
}
