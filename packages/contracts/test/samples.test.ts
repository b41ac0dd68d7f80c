import { expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkEvent, decodeEvent, eventDefinitions } from '../src/index.ts';

const folder = join(import.meta.dirname, '../samples');
const files = readdirSync(folder).filter((name) => name.endsWith('.json'));

function read(file: string): Buffer {
  return readFileSync(join(folder, file));
}

test('every event has a sample', () => {
  const wanted = eventDefinitions.map(({ type, version }) => `${type}.v${version}.json`);
  expect(wanted.length).toBeGreaterThan(15);
  expect(wanted.filter((name) => !files.includes(name))).toEqual([]);
});

// Published samples never change: they represent the records in the log that today's code must read.
test.each(files)('%s decodes as the event in its name', (file) => {
  const event = decodeEvent(read(file));
  expect(`${event.type}.v${event.version}.json`).toBe(file);
  expect(event.source).toBe(event.type.split('.')[0]);
});

test.each(files)('%s is refused without its data', (file) => {
  expect(() => checkEvent({ ...decodeEvent(read(file)), data: {} })).toThrow('event breaks its contract');
});

test.each(files)('%s still decodes with fields of a newer producer', (file) => {
  const event = decodeEvent(read(file));
  const newer = { ...event, shard: 7, data: { ...event.data, addedLater: 'x' } };
  expect(checkEvent(newer).id).toBe(event.id);
});
