import { sql, type Transaction } from 'kysely';
import type { KitRow } from '../db/kit-tables.ts';

export interface ProjectionTable {
  readonly name: string;
  /**
   * SQL condition for rows that matter. A counter at zero is the same as none, and which of them exist depends on the
   * batches.
   */
  readonly meaningful?: string;
}

interface Swap {
  readonly service: string;
  readonly shadow: string;
}

/** Makes live consumption wait, with locks in the order of consumers: consumed events first. Readers continue. */
export async function lockLive<Tables>(
  trx: Transaction<Tables>,
  { service }: Swap,
  tables: readonly ProjectionTable[],
): Promise<void> {
  await sql`set local lock_timeout to '20s'`.execute(trx);
  for (const name of ['consumed_event', ...tables.map((table) => table.name)])
    await sql`lock table ${sql.table(`${service}.${name}`)} in share row exclusive mode`.execute(trx);
}

/** Makes the live table equal to its twin by writing what differs. Returns how many rows differed. */
export async function replaceRows<Tables>(
  trx: Transaction<Tables>,
  { service, shadow }: Swap,
  { name, meaningful = 'true' }: ProjectionTable,
): Promise<number> {
  const [live, twin] = [sql.table(`${service}.${name}`), sql.table(`${shadow}.${name}`)];
  const [isMeaningful, key] = [sql.raw(meaningful), await keyOf(trx, service, name)];
  await sql`delete from ${live} where not (${isMeaningful})`.execute(trx);
  const stale = await sql`
    delete from ${live} where (${key}) in (
      select ${key} from (select * from ${live} except select * from ${twin}) as stale
    )`.execute(trx);
  const missing = await sql`
    insert into ${live} select * from ${twin} where ${isMeaningful} except select * from ${live}`.execute(trx);
  return Math.max(Number(stale.numAffectedRows ?? 0), Number(missing.numAffectedRows ?? 0));
}

async function keyOf<Tables>(trx: Transaction<Tables>, service: string, table: string) {
  const { rows } = await sql<{ name: string }>`
    select a.attname as name from pg_index i
    join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any(i.indkey)
    where i.indrelid = to_regclass(${`${service}.${table}`}) and i.indisprimary`.execute(trx);
  return sql.join(rows.map((row) => sql.ref(row.name)));
}

/** Those of the events that live consumption has consumed. */
export async function takenLive<Tables>(
  trx: Transaction<Tables>,
  { service }: Swap,
  consumer: string,
  eventIds: readonly string[],
): Promise<Set<string>> {
  const { rows } = await sql<Pick<KitRow<'consumed_event'>, 'event_id'>>`
    select event_id from ${sql.table(`${service}.consumed_event`)}
    where consumer = ${consumer} and event_id = any(${eventIds}::uuid[])`.execute(trx);
  return new Set(rows.map((row) => row.event_id));
}

/** Records, beside the twins, which events were applied to them. */
export async function noteTaken<Tables>(
  trx: Transaction<Tables>,
  { shadow }: Swap,
  consumer: string,
  eventIds: readonly string[],
): Promise<void> {
  await sql`
    insert into ${sql.table(`${shadow}.consumed_event`)} (consumer, event_id)
    select ${consumer}, id from unnest(${eventIds}::uuid[]) as id`.execute(trx);
}

/** No topic keeps its records longer (30 days at most): older events do not come again. */
const comesAgainWithin = '31 days';

/** Marks the events applied to the twins as consumed, so that live consumption skips them. */
export async function markTaken<Tables>(trx: Transaction<Tables>, { service, shadow }: Swap): Promise<void> {
  const [live, twin] = [sql.table(`${service}.consumed_event`), sql.table(`${shadow}.consumed_event`)];
  await sql`
    insert into ${live} (consumer, event_id)
    select t.consumer, t.event_id from ${twin} t
    where t.event_id >= (
      select (substr(h, 1, 8) || '-' || substr(h, 9, 4) || '-0000-0000-000000000000')::uuid
      from (select lpad(to_hex((extract(epoch from now() - ${comesAgainWithin}::interval) * 1000)::bigint), 12, '0') as h) hex
    ) and not exists (select from ${live} l where l.event_id = t.event_id and l.consumer = t.consumer)`.execute(trx);
}

/** Events that wait as dead letters: live consumption has not applied them, so a rebuild does not either. */
export async function waitingLetters<Tables>(
  trx: Transaction<Tables>,
  { service }: Swap,
  consumer: string,
): Promise<Set<string>> {
  const { rows } = await sql<Pick<KitRow<'dead_letter'>, 'event_id'>>`
    select event_id from ${sql.table(`${service}.dead_letter`)}
    where consumer = ${consumer} and replayed_at is null`.execute(trx);
  return new Set(rows.map((row) => row.event_id));
}
