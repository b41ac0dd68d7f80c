import { newId, type TenantId } from '@crossdesk/contracts';
import type { IncomingRecord } from '@crossdesk/service-kit';
import { givenMessage } from '@crossdesk/testkit';
import { expect, test } from '@jest/globals';
import { readInboxRecord } from './inbox-record.ts';

function read(value: string): { readonly event: unknown; readonly warnings: number } {
  let warnings = 0;
  const place = { topic: 'conversation.conversation', partition: 0, position: 7n } as const;
  const record: IncomingRecord = { ...place, key: '', headers: {}, value: new TextEncoder().encode(value) };
  const { event } = readInboxRecord(record, { warn: () => void (warnings += 1) });
  return { event, warnings };
}

test('what a newer service publishes is on no inbox, and nobody is warned of each', () => {
  const event = { ...givenMessage({ tenantId: newId<TenantId>() }), type: 'conversation.message-measured' };
  expect(read(JSON.stringify(event))).toEqual({ event: null, warnings: 0 });
});

test('what cannot be read at all is passed over with a warning', () => {
  expect(read('not json')).toEqual({ event: null, warnings: 1 });
});
