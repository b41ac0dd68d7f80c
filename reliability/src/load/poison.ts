import { newId } from '@crossdesk/contracts';
import type { History } from '../history.ts';
import type { System } from '../system/system.ts';
import { insist } from '../system/insist.ts';

const topic = 'ingest.inbound' as const;

/** Bytes that no consumer can read, each for another reason. */
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

/** Publishes records that cannot be read, each under its own key. */
export async function poison({ broker }: System, history: History, count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    await insist(async () => {
      // Each try has its own key, because a record whose publishing failed may be on the log.
      const key = newId();
      history.add({ op: 'poison', phase: 'invoke', topic, key });
      await broker.publish([{ topic, key, value: shapes[n % shapes.length] ?? '', headers: {} }]);
      history.add({ op: 'poison', phase: 'ok', topic, key });
    });
  }
}
