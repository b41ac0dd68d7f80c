import { newId } from '@crossdesk/contracts';
import type { History } from '../history.ts';
import type { System } from '../system/system.ts';
import { insist } from './insist.ts';

const topic = 'ingest.inbound' as const;

/** Bytes no consumer can take, each in a way of its own. */
const shapes: readonly string[] = [
  '',
  'not json',
  '{"id":',
  '[]',
  'null',
  '{"__proto__":{"id":"x"},"type":"ingest.message-received"}',
  `{"id":"${'9'.repeat(400)}"}`,
  '['.repeat(20_000) + ']'.repeat(20_000),
  '{"id":"\\u0000\\ud800"}',
  '{"data":1e999}',
];

/** Puts records without sense on the log, each under a key of its own. */
export async function poison({ broker }: System, history: History, count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    await insist(async () => {
      // Each try is a record of its own: one that failed may be on the log all the same.
      const key = newId();
      history.add({ op: 'poison', phase: 'invoke', topic, key });
      await broker.publish([{ topic, key, value: shapes[n % shapes.length] ?? '', headers: {} }]);
      history.add({ op: 'poison', phase: 'ok', topic, key });
    });
  }
}
