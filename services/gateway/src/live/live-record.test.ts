import { newId, type TenantId } from '@crossdesk/contracts';
import type { IncomingRecord } from '@crossdesk/service-kit';
import { expect, test } from '@jest/globals';
import { inboxEvent } from '../../test/events.ts';
import { readEvent } from './live-record.ts';

const tenantId = newId<TenantId>();
const shown = { 'conversation.message-added': () => 'a message' };

function read(value: string): { readonly event: unknown; readonly warnings: number } {
  let warnings = 0;
  const place = { topic: 'conversation.conversation', partition: 0, position: 7n } as const;
  const record: IncomingRecord = { ...place, key: '', headers: {}, value: new TextEncoder().encode(value) };
  const event = readEvent(shown, record, { warn: () => void (warnings += 1) });
  return { event, warnings };
}

test('an event that the stream shows is kept as id, workspace and the declared facts', () => {
  const event = inboxEvent({ tenantId });
  expect(read(JSON.stringify(event))).toEqual({ event: { id: event.id, tenantId, facts: 'a message' }, warnings: 0 });
});

test('the stream does not show a type that it does not declare', () => {
  const event = inboxEvent({ tenantId, type: 'conversation.note-added' });
  expect(read(JSON.stringify(event))).toEqual({ event: null, warnings: 0 });
});

test('a type of a newer service is on no stream, and causes no warning', () => {
  const event = { ...inboxEvent({ tenantId }), type: 'conversation.message-measured' };
  expect(read(JSON.stringify(event))).toEqual({ event: null, warnings: 0 });
});

test('a record that cannot be read is skipped with a warning', () => {
  expect(read('not json')).toEqual({ event: null, warnings: 1 });
});
