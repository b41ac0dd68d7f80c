import { type EventType, eventDefinitions, topicOf, topics } from '@crossdesk/contracts';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync, Visitor } from 'oxc-parser';
import { root } from '../repository.ts';

/** The quoted words of a source file. */
function stringsIn(path: string, text: string): Set<string> {
  const found = new Set<string>();
  new Visitor({
    Literal(node) {
      if (typeof node.value === 'string') found.add(node.value);
    },
  }).visit(parseSync(path, text).program);
  return found;
}

/**
 * The services that consume each event type. A service names an event type of another service only if it consumes it.
 * Naming a whole topic in a subscription is not enough; the handled types count.
 */
export function findConsumers(): ReadonlyMap<EventType, readonly string[]> {
  const consumers = new Map<EventType, Set<string>>(eventDefinitions.map(({ type }) => [type, new Set()]));
  for (const path of globSync('services/*/src/**/*.ts', { cwd: root }).map((found) => found.replaceAll('\\', '/'))) {
    if (/\.(test|generated)\.ts$/.test(path)) continue;
    const service = path.split('/')[1] ?? '';
    const strings = stringsIn(path, readFileSync(join(root, path), 'utf8'));
    for (const [type, services] of consumers) {
      if (strings.has(type) && topics[topicOf(type)].owner !== service) services.add(service);
    }
  }
  return new Map([...consumers].map(([type, services]) => [type, [...services].sort()]));
}
