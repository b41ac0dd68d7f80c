import { firstIdAt } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB } from '../db.ts';

const dayMs = 86_400_000;
/** 13 months, so that a year can be compared with the one before. */
const keptDays = 396;
/** As long as the words of messages: what nobody wanted until then is translated no more. */
const jobKeptDays = 90;

/** Translations of messages and replies go after 13 months, and messages that wait for one earlier. The memory stays. */
export async function forgetTranslations(trx: Transaction<DB>, now: Date): Promise<void> {
  const kept = new Date(now.getTime() - keptDays * dayMs);
  const jobsKept = new Date(now.getTime() - jobKeptDays * dayMs);
  await sql`delete from message_translation where message_id < ${firstIdAt(kept)}::uuid`.execute(trx);
  await sql`
    delete from message_translation
    where message_id < ${firstIdAt(jobsKept)}::uuid and state in ('waiting', 'queued', 'none')`.execute(trx);
  await sql`delete from translation_draft where created_at < ${kept}`.execute(trx);
  await sql`delete from provider_usage where day < ${kept}`.execute(trx);
}
