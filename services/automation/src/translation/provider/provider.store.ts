import type { TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../../db.ts';
import type { EngineFailure } from '../../engine/engine-error.domain.ts';
import type { TranslationProviderId } from '../ids.ts';

export type ProviderRow = Row<'translation_provider'>;

type Trx = Transaction<DB>;

/** The engines of a workspace in the order in which they are asked. */
export async function listProviders(trx: Trx, tenantId: TenantId): Promise<ProviderRow[]> {
  return trx
    .selectFrom('translation_provider')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .orderBy('position')
    .orderBy('id')
    .limit(providersMax)
    .execute();
}

/** More are not connected, and not asked. */
export const providersMax = 20;

/** Locks the list of a workspace's engines, so that two that are connected together get different places. */
export async function lockProviders(trx: Trx, tenantId: TenantId): Promise<ProviderRow[]> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`automation providers ${tenantId}`}, 0))`.execute(trx);
  return listProviders(trx, tenantId);
}

export async function saveProvider(trx: Trx, row: ProviderRow): Promise<void> {
  const { tenant_id: _tenantId, id: _id, connected_at: _connectedAt, ...state } = row;
  await trx
    .insertInto('translation_provider')
    .values(row)
    .onConflict((clash) => clash.columns(['tenant_id', 'id']).doUpdateSet(state))
    .execute();
}

export async function deleteProvider(trx: Trx, tenantId: TenantId, id: TranslationProviderId): Promise<void> {
  await trx.deleteFrom('translation_provider').where('tenant_id', '=', tenantId).where('id', '=', id).execute();
}

export type UsageRow = Row<'provider_usage'>;

/** What each engine of the workspace was asked on a day. */
export async function usageOn(trx: Trx, tenantId: TenantId, day: Date): Promise<UsageRow[]> {
  const { rows } = await sql<UsageRow>`
    select * from provider_usage where tenant_id = ${tenantId} and day = ${dayOf(day)}::date`.execute(trx);
  return rows;
}

interface Place {
  readonly tenantId: TenantId;
  readonly providerId: TranslationProviderId;
  readonly day: Date;
}

/** Takes characters off the budget of a day before a call. False: they are not left, and nothing was taken. */
export async function reserve(trx: Trx, place: Place, characters: number, charactersMax: number | null) {
  const { tenantId, providerId, day } = place;
  const max = charactersMax ?? unlimited;
  if (characters > max) return false;
  const { rows } = await sql`
    insert into provider_usage as u (tenant_id, provider_id, day, reserved_characters)
    select ${tenantId}, id, ${dayOf(day)}::date, ${characters} from translation_provider
    where tenant_id = ${tenantId} and id = ${providerId}
    on conflict (tenant_id, provider_id, day) do update set reserved_characters = u.reserved_characters + ${characters}
    where u.reserved_characters + u.used_characters + ${characters} <= ${max}
    returning day`.execute(trx);
  return rows.length > 0;
}

const unlimited = 2_000_000_000;

/** Ends a reservation: the characters were used, or are given back; and whether the call failed. */
export async function settle(
  trx: Trx,
  { tenantId, providerId, day }: Place,
  call: { readonly reserved: number; readonly used: number; readonly failure: EngineFailure | null },
): Promise<void> {
  const { reserved, used, failure } = call;
  await sql`
    update provider_usage set reserved_characters = reserved_characters - ${reserved},
      used_characters = used_characters + ${used}, calls = calls + 1,
      failures = failures + ${failure === null ? 0 : 1}, last_failure = ${failure}
    where tenant_id = ${tenantId} and provider_id = ${providerId} and day = ${dayOf(day)}::date`.execute(trx);
}

function dayOf(instant: Date): string {
  return instant.toISOString().slice(0, 10);
}
