import {
  appendEntry,
  auditKeyOf,
  ConfigError,
  headOf,
  type Keyring,
  type Keys,
  lockHead,
  nextEntry,
  seal,
  sealedHeadBytes,
  sealingKeyOf,
  unseal,
} from '@crossdesk/service-kit';
import { type Kysely, sql, type Transaction } from 'kysely';
import { chainsUnderOtherKeys, retiredKeyPlace } from './audit-keys.ts';
import { asWorkerOf } from './as-worker-of.ts';
import { services } from './migrate-all.ts';

/** A column with sealed values, in a table whose key is `id`. */
interface SealedColumn {
  readonly table: string;
  readonly column: `sealed_${string}`;
  readonly hasTenant: boolean;
}

interface SealedRow {
  readonly id: string;
  readonly tenantId: string;
  readonly sealed: Buffer;
}

const rowsAtOnce = 100;

/**
 * Seals everything again that was sealed with the previous master secret, while the services run. Each batch is
 * committed by itself and a value tells which key it has, so a run that ended early is continued by the next one.
 * @throws Error when values are left that neither secret opens
 */
export async function reseal(keys: Keys, adminUrlOf: (service: string) => string, say: (line: string) => void) {
  if (services.every((service) => keys.of(service).previous === null))
    throw new ConfigError('CROSSDESK_SECRET_PREVIOUS is not set: without it there is nothing to seal again');
  let closedCount = 0;
  for (const service of services)
    closedCount += await asWorkerOf({ adminUrl: adminUrlOf(service), keys }, service, (db) =>
      resealService(db, service, keys, say),
    );
  if (closedCount > 0)
    throw new Error(`${closedCount} values are opened by neither master secret: keep both, and look for an older one`);
  say('nothing needs the previous master secret any more');
}

async function resealService(db: Kysely<unknown>, service: string, keys: Keys, say: (line: string) => void) {
  let closedCount = 0;
  await retireAuditKey(db, service, keys);
  for (const target of await listSealedColumns(db)) {
    const { doneCount, closed } = await resealColumn(db, sealingKeyOf(keys, service), target);
    closedCount += closed.length;
    say(`${service}.${target.table}.${target.column}: ${doneCount} sealed again`);
    if (closed.length > 0) say(`  opened by neither secret: ${closed.join(', ')}`);
  }
  const { current } = auditKeyOf(keys, service);
  for (const tenantId of await chainsUnderOtherKeys(db, current))
    await db.transaction().execute((trx) => continueChain(trx, tenantId, current));
  return closedCount;
}

/** By their names, so that none can be forgotten: `seal` takes only columns that are called like this. */
async function listSealedColumns(db: Kysely<unknown>): Promise<SealedColumn[]> {
  const { rows } = await sql<SealedColumn>`
    select c.relname as "table", a.attname as "column",
      exists (select from pg_attribute t where t.attrelid = c.oid and t.attname = 'tenant_id') as "hasTenant"
    from pg_class c join pg_attribute a on a.attrelid = c.oid
    where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r' and left(a.attname, 7) = 'sealed_'
      and not a.attisdropped and a.atttypid = 'bytea'::regtype
    order by 1, 2`.execute(db);
  return rows;
}

async function resealColumn(db: Kysely<unknown>, key: Keyring, target: SealedColumn) {
  const closed: string[] = [];
  let doneCount = 0;
  let after = '';
  for (;;) {
    const rows = await db.transaction().execute(async (trx) => {
      const found = await lockRows(trx, key, target, after);
      for (const row of found) {
        const sealed = sealedAgain(key, target, row);
        if (sealed === null) closed.push(row.id);
        else await saveRow(trx, target, row.id, sealed);
      }
      return found;
    });
    doneCount += rows.length;
    after = rows.at(-1)?.id ?? after;
    if (rows.length < rowsAtOnce) return { doneCount: doneCount - closed.length, closed };
  }
}

async function lockRows(
  trx: Transaction<unknown>,
  { current }: Keyring,
  { table, column, hasTenant }: SealedColumn,
  after: string,
): Promise<SealedRow[]> {
  const tenantId = hasTenant ? sql`tenant_id::text` : sql`'installation'`;
  const { rows } = await sql<SealedRow>`
    select id::text as id, ${tenantId} as "tenantId", ${sql.ref(column)} as sealed from ${sql.table(table)}
    where id::text > ${after} and substring(${sql.ref(column)} for ${sealedHeadBytes}) <> ${headOf(current)}
    order by id::text limit ${rowsAtOnce} for update`.execute(trx);
  return rows;
}

async function saveRow(trx: Transaction<unknown>, { table, column }: SealedColumn, id: string, sealed: Buffer) {
  await sql`update ${sql.table(table)} set ${sql.ref(column)} = ${sealed} where id::text = ${id}`.execute(trx);
}

function sealedAgain(
  key: Keyring,
  { table, column }: SealedColumn,
  { id, tenantId, sealed }: SealedRow,
): Buffer | null {
  const place = { tenantId, table, column, row: id };
  try {
    return seal(key, place, unseal(key, place, sealed));
  } catch {
    return null;
  }
}

/** Entries of before stay as they are: their key is kept, sealed, to verify them. */
async function retireAuditKey(db: Kysely<unknown>, service: string, keys: Keys): Promise<void> {
  const { previous } = auditKeyOf(keys, service);
  if (previous === null) return;
  const place = retiredKeyPlace(headOf(previous).toString('hex'));
  const sealed = seal(sealingKeyOf(keys, service), place, previous.toString('base64url'));
  await sql`insert into retired_audit_key (id, sealed_key) values (${place.row}, ${sealed})
    on conflict (id) do nothing`.execute(db);
}

/** An entry of the new key at the end of a chain: who knows the old secret can no longer add entries or change older ones. */
async function continueChain(trx: Transaction<unknown>, tenantId: string, key: Buffer): Promise<void> {
  const { head, at } = await lockHead(trx, tenantId);
  const deed = { actorKind: 'system', actorId: null, action: 'changeMasterSecret', targetId: null } as const;
  await appendEntry(trx, nextEntry(key, head, { at, ...deed }));
}
