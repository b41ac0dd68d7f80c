import type { ConversationId, TenantId } from '@crossdesk/contracts';
import { newId } from '@crossdesk/contracts';
import { createHash } from 'node:crypto';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../../db.ts';
import type { TmUnitId } from '../ids.ts';
import { comparable, gramsOf, type Pattern } from './memory.domain.ts';

type Trx = Transaction<DB>;
export type UnitRow = Row<'tm_unit'>;

/** The languages of a unit, as `languageOf` writes them. */
export interface LanguagePair {
  readonly source: string;
  readonly target: string;
}

/** The approved translations of sentences, by their patterns. */
export async function findApproved(
  trx: Trx,
  tenantId: TenantId,
  pair: LanguagePair,
  patterns: readonly string[],
): Promise<Map<string, string>> {
  const { rows } = await sql<Pick<UnitRow, 'source_hash' | 'target'>>`
    select source_hash, target from tm_unit
    where tenant_id = ${tenantId} and source_language = ${pair.source} and target_language = ${pair.target}
      and source_hash = any(${patterns.map(hashOf)}::bytea[]) and is_approved`.execute(trx);
  const found = new Map(rows.map((row) => [row.source_hash.toString('hex'), row.target]));
  return new Map(
    patterns.flatMap((pattern) => {
      const target = found.get(hashOf(pattern).toString('hex'));
      return target === undefined ? [] : [[pattern, target] as const];
    }),
  );
}

const candidatesMax = 30;

/** Units that share the most parts with a sentence. */
export async function findSimilar(
  trx: Trx,
  tenantId: TenantId,
  pair: LanguagePair,
  pattern: string,
): Promise<Pick<UnitRow, 'id' | 'source' | 'target' | 'is_approved'>[]> {
  const { rows } = await sql<Pick<UnitRow, 'id' | 'source' | 'target' | 'is_approved'>>`
    with shared as (
      select unit_id, count(*) as parts from tm_gram
      where tenant_id = ${tenantId} and source_language = ${pair.source} and target_language = ${pair.target}
        and gram = any(${gramsOf(pattern)}::integer[])
      group by unit_id order by count(*) desc, unit_id limit ${candidatesMax})
    select u.id, u.source, u.target, u.is_approved from shared s join tm_unit u on u.id = s.unit_id
    where u.tenant_id = ${tenantId}`.execute(trx);
  return rows;
}

export interface NewUnit extends Pattern {
  readonly isApproved: boolean;
  readonly origin: UnitRow['origin'];
  readonly conversationId: ConversationId | null;
}

/**
 * Writes units. One that a person approved replaces the translation of the same sentence; another one does not replace
 * an approved translation. Returns how many were written.
 */
export async function saveUnits(
  trx: Trx,
  tenantId: TenantId,
  pair: LanguagePair,
  units: readonly NewUnit[],
  now: Date,
): Promise<number> {
  const unique = [...new Map(units.map((unit) => [comparable(unit.source), unit])).values()];
  if (unique.length === 0) return 0;
  const { rows } = await sql<Pick<UnitRow, 'id' | 'source'>>`
    insert into tm_unit as u (tenant_id, id, source_language, target_language, source_hash, source, target, is_approved,
      origin, conversation_id, changed_at)
    select ${tenantId}, n.id, ${pair.source}, ${pair.target}, n.source_hash, n.source, n.target, n.is_approved, n.origin,
      n.conversation_id, ${now}
    from unnest(${unique.map(() => newId<TmUnitId>())}::uuid[], ${unique.map(({ source }) => hashOf(source))}::bytea[],
      ${unique.map(({ source }) => source)}::text[], ${unique.map(({ target }) => target)}::text[],
      ${unique.map(({ isApproved }) => isApproved)}::boolean[], ${unique.map(({ origin }) => origin)}::text[],
      ${unique.map(({ conversationId }) => conversationId)}::uuid[])
      as n (id, source_hash, source, target, is_approved, origin, conversation_id)
    order by n.source_hash
    on conflict (tenant_id, source_language, target_language, source_hash) do update
    set source = excluded.source, target = excluded.target, is_approved = excluded.is_approved,
      origin = excluded.origin, conversation_id = excluded.conversation_id, changed_at = excluded.changed_at
    where (excluded.is_approved or not u.is_approved) and (u.target, u.is_approved)
      is distinct from (excluded.target, excluded.is_approved)
    returning id, source`.execute(trx);
  await saveGrams(trx, tenantId, pair, rows);
  return rows.length;
}

async function saveGrams(
  trx: Trx,
  tenantId: TenantId,
  pair: LanguagePair,
  units: readonly Pick<UnitRow, 'id' | 'source'>[],
): Promise<void> {
  const grams = units.flatMap(({ id, source }) => gramsOf(source).map((gram) => ({ id, gram })));
  if (grams.length === 0) return;
  await sql`
    insert into tm_gram (tenant_id, source_language, target_language, gram, unit_id)
    select ${tenantId}, ${pair.source}, ${pair.target}, gram, unit_id
    from unnest(${grams.map(({ gram }) => gram)}::integer[], ${grams.map(({ id }) => id)}::uuid[]) as g (gram, unit_id)
    on conflict do nothing`.execute(trx);
}

/** Units by id, one more than asked for. */
export async function listUnits(
  trx: Trx,
  tenantId: TenantId,
  pair: LanguagePair,
  { first, after }: { readonly first: number; readonly after: TmUnitId | null },
): Promise<UnitRow[]> {
  const behind = after === null ? sql`` : sql`and id > ${after}`;
  const { rows } = await sql<UnitRow>`
    select * from tm_unit
    where tenant_id = ${tenantId} and source_language = ${pair.source} and target_language = ${pair.target} ${behind}
    order by id limit ${first + 1}`.execute(trx);
  return rows;
}

/** Case, blanks and width make no other sentence. */
function hashOf(pattern: string): Buffer {
  return createHash('sha256').update(comparable(pattern)).digest();
}
