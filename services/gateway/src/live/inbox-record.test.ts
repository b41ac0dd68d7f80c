import { newId } from '@crossdesk/contracts';
import type { IncomingRecord } from '@crossdesk/service-kit';
import { expect, test } from '@jest/globals';
import { readInboxRecord } from './inbox-record.ts';

const now = '2026-11-26T06:00:00.000Z';

function read(value: string): { readonly event: unknown; readonly warnings: number } {
  let warnings = 0;
  const place = { topic: 'conversation.conversation', partition: 0, position: 7n } as const;
  const record: IncomingRecord = { ...place, key: '', headers: {}, value: new TextEncoder().encode(value) };
  const { event } = readInboxRecord(record, { warn: () => void (warnings += 1) });
  return { event, warnings };
}

test('what a newer service publishes is on no inbox, and nobody is warned of each', () => {
  const envelope = {
    ...{ id: newId(), type: 'conversation.message-measured', version: 1, source: 'conversation', tenantId: newId() },
    ...{ aggregateId: newId(), aggregateVersion: 1, occurredAt: now, receivedAt: now, recordedAt: now },
    ...{ actor: { kind: 'system', id: null }, correlationId: newId(), causationId: null, causationDepth: 0, data: {} },
  };
  expect(read(JSON.stringify(envelope))).toEqual({ event: null, warnings: 0 });
});

test('what cannot be read at all is passed over with a warning', () => {
  expect(read('not json')).toEqual({ event: null, warnings: 1 });
});
