import { topicNames, topics } from '@crossdesk/contracts';
import type { Pool } from 'pg';
import type { Logger } from '../runtime/log.ts';

const everyMs = 3_600_000;
const rowsPerTurnMax = 10_000;

/** Drops expired records of all topics once an hour. Returns a function that stops it. */
export function startRetention(pool: Pool, log: Logger): () => Promise<void> {
  let turn = Promise.resolve();
  const timer = setInterval(() => {
    turn = dropExpired(pool).catch((err: unknown) =>
      log.warn({ err }, 'cannot drop old records of the log; next try in an hour'),
    );
  }, everyMs);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await turn;
  };
}

/**
 * Deletes records older than the retention of their topic, a limited number at a time, and moves the earliest positions
 * past them.
 */
export async function dropExpired(pool: Pool): Promise<void> {
  for (const topic of topicNames) {
    for (let dropped = rowsPerTurnMax; dropped === rowsPerTurnMax;) {
      const { rows } = await pool.query<{ dropped: number }>(
        `with gone as (
           delete from record where (topic, partition, position) in (
             select topic, partition, position from record
             where topic = $1 and recorded_at < now() - $2 * interval '1 day' order by recorded_at limit $3
           ) returning partition, position
         ), moved as (
           update partition_head h set earliest_position = greatest(h.earliest_position, g.next)
           from (select partition, max(position) + 1 as next from gone group by partition) g
           where h.topic = $1 and h.partition = g.partition
         )
         select count(*)::int as dropped from gone`,
        [topic, topics[topic].retentionDays, rowsPerTurnMax],
      );
      dropped = rows[0]?.dropped ?? 0;
    }
  }
}
