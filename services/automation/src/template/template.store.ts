import type { TemplateId, TenantId } from '@crossdesk/contracts';
import { countRows, type LockedAggregate, lockedAggregate, type NamePlace } from '@crossdesk/service-kit';
import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';
import type { Situation, Template, TemplateVariant } from './template.domain.ts';

export interface TemplateFilter {
  readonly situations: readonly Situation[] | null;
  readonly isEnabled: boolean | null;
}

export interface TemplatePage {
  readonly filter: TemplateFilter;
  readonly first: number;
  readonly after: NamePlace | null;
}

/** Locks a key of a workspace, also one that no template has yet, and reads its template. */
export async function lockKey(trx: Transaction<DB>, tenantId: TenantId, key: string): Promise<Template | null> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`automation template ${tenantId} ${key}`}, 0))`.execute(
    trx,
  );
  const found = await templateByKey(trx, tenantId, key);
  return found === null ? null : lockTemplate(trx, tenantId, found.id);
}

export async function templateByKey(trx: Transaction<DB>, tenantId: TenantId, key: string): Promise<Template | null> {
  const rows = await trx
    .selectFrom('template')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('key', '=', key)
    .execute();
  return (await withVariants(trx, tenantId, rows))[0] ?? null;
}

/** Locks a template; null if it does not exist. */
export async function lockTemplate(trx: Transaction<DB>, tenantId: TenantId, id: TemplateId): Promise<Template | null> {
  const rows = await trx
    .selectFrom('template')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .forUpdate()
    .execute();
  return (await withVariants(trx, tenantId, rows))[0] ?? null;
}

/** Writes a template that is locked in this transaction, and its variants if this version has new ones. */
export async function saveTemplate(trx: Transaction<DB>, template: Template): Promise<LockedAggregate> {
  const state = {
    name: template.name,
    situation: template.situation,
    is_enabled: template.isEnabled,
    variables: JSON.stringify(template.variables),
    fallback_locales: [...template.fallbackLocales],
    variants_version: template.variantsVersion,
    version: template.version,
    updated_at: template.updatedAt,
  };
  const { tenantId, id, key, createdAt } = template;
  await trx
    .insertInto('template')
    .values({ tenant_id: tenantId, id, key, created_at: createdAt, ...state })
    .onConflict((clash) => clash.columns(['tenant_id', 'id']).doUpdateSet(state))
    .execute();
  if (template.variantsVersion === template.version) await insertVariants(trx, template);
  return lockedAggregate(template);
}

async function insertVariants(trx: Transaction<DB>, { tenantId, id, version, variants }: Template): Promise<void> {
  await trx
    .insertInto('template_variant')
    .values(
      variants.map((variant) => ({
        tenant_id: tenantId,
        id: variant.id,
        template_id: id,
        version,
        locale: variant.locale,
        market: variant.market,
        channel: variant.channel,
        is_enabled: variant.isEnabled,
        text: variant.text,
      })),
    )
    .execute();
}

export async function templatesByIds(
  trx: Transaction<DB>,
  tenantId: TenantId,
  ids: readonly TemplateId[],
): Promise<Map<TemplateId, Template>> {
  const rows = await trx
    .selectFrom('template')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where(sql<boolean>`id = any(${ids}::uuid[])`)
    .execute();
  const found = await withVariants(trx, tenantId, rows);
  return new Map(found.map((template) => [template.id, template]));
}

/** Templates by name, one more than asked for. */
export async function listTemplates(
  trx: Transaction<DB>,
  tenantId: TenantId,
  { filter, first, after }: TemplatePage,
): Promise<Template[]> {
  const behind = after === null ? sql`` : sql`and (name, id) > (${after.name}, ${after.id}::uuid)`;
  const { rows } = await sql<Row<'template'>>`
    select * from template where tenant_id = ${tenantId} ${restriction(filter)} ${behind}
    order by name, id limit ${first + 1}`.execute(trx);
  return withVariants(trx, tenantId, rows);
}

export function countTemplates(trx: Transaction<DB>, tenantId: TenantId, filter: TemplateFilter): Promise<number> {
  return countRows(trx, sql`select 1 from template where tenant_id = ${tenantId} ${restriction(filter)}`);
}

function restriction({ situations, isEnabled }: TemplateFilter): RawBuilder<unknown> {
  const ofSituations = situations === null ? sql`` : sql`and situation = any(${situations}::text[])`;
  const inState = isEnabled === null ? sql`` : sql`and is_enabled = ${isEnabled}`;
  return sql`${ofSituations} ${inState}`;
}

async function withVariants(
  trx: Transaction<DB>,
  tenantId: TenantId,
  rows: readonly Row<'template'>[],
): Promise<Template[]> {
  if (rows.length === 0) return [];
  const variants = await trx
    .selectFrom('template_variant as v')
    .innerJoin('template as t', (join) =>
      join
        .onRef('t.tenant_id', '=', 'v.tenant_id')
        .onRef('t.id', '=', 'v.template_id')
        .onRef('t.variants_version', '=', 'v.version'),
    )
    .selectAll('v')
    .where('v.tenant_id', '=', tenantId)
    .where(sql<boolean>`v.template_id = any(${rows.map(({ id }) => id)}::uuid[])`)
    .orderBy('v.id')
    .execute();
  const ofTemplate = Map.groupBy(variants, (variant) => variant.template_id);
  return rows.map((row) => toTemplate(row, ofTemplate.get(row.id) ?? []));
}

function toTemplate(row: Row<'template'>, variants: readonly Row<'template_variant'>[]): Template {
  return {
    tenantId: row.tenant_id,
    id: row.id,
    key: row.key,
    name: row.name,
    situation: row.situation,
    isEnabled: row.is_enabled,
    variables: row.variables,
    fallbackLocales: row.fallback_locales,
    variants: variants.map(toVariant),
    variantsVersion: row.variants_version,
    version: row.version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

function toVariant(row: Row<'template_variant'>): TemplateVariant {
  return {
    id: row.id,
    locale: row.locale,
    market: row.market,
    channel: row.channel,
    isEnabled: row.is_enabled,
    text: row.text,
  };
}
