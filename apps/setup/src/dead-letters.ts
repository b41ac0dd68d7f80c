import { ConfigError } from '@crossdesk/service-kit';
import { type Kysely, sql } from 'kysely';
import { asWorkerOf } from './as-worker-of.ts';
import type { MigrateConfig } from './config.ts';
import { services } from './migrate-all.ts';

export interface UnownedLetter {
  readonly service: string;
  readonly id: string;
  readonly consumer: string;
  readonly topic: string;
  readonly key: string;
  readonly reason: string;
  readonly parkedAt: Date;
  /** The first bytes of the record, with dots for unprintable ones. */
  readonly bytes: string;
}

const lettersMax = 1_000;
const bytesShown = 200;

/**
 * Records too broken to tell their workspace: no workspace can see them, so the operator does. They block no others.
 * Oldest first, at most 1000 per service.
 */
export async function listUnowned(config: MigrateConfig): Promise<UnownedLetter[]> {
  const letters = [];
  for (const service of services) letters.push(...(await asWorkerOf(config, service, listOf)));
  return letters.flat();
}

/** Removes a letter from the list for good. @throws ConfigError when there is no letter with this id */
export async function discardUnowned(config: MigrateConfig, id: string): Promise<void> {
  for (const service of services) {
    const discarded = await asWorkerOf(config, service, async (db) => {
      const { rows } = await sql`
        update dead_letter set replayed_at = now()
        where id::text = ${id} and tenant_id is null and replayed_at is null returning id`.execute(db);
      return rows.length === 1;
    });
    if (discarded) return;
  }
  throw new ConfigError(`there is no record ${id}: use an id that dead-letters shows`);
}

async function listOf(db: Kysely<unknown>, service: string): Promise<UnownedLetter[]> {
  const { rows } = await sql<Omit<UnownedLetter, 'service' | 'bytes' | 'parkedAt'> & { parked_at: Date; raw: Buffer }>`
    select id, consumer, topic, key, reason, parked_at, substring(raw for ${bytesShown}) as raw from dead_letter
    where tenant_id is null and replayed_at is null order by id limit ${lettersMax}`.execute(db);
  return rows.map(({ parked_at: parkedAt, raw, ...letter }) => {
    const bytes = raw.toString('latin1').replaceAll(/[^\x20-\x7e]/g, '.');
    return { service, ...letter, parkedAt, bytes };
  });
}
