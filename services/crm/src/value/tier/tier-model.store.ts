import type { AgentId, TenantId } from '@crossdesk/contracts';
import type { Transaction } from 'kysely';
import type { DB } from '../../db.ts';
import { defaultModel, type TierModel } from './tier-model.domain.ts';

export interface ModelInForce {
  readonly model: TierModel;
  /** 0: the default. */
  readonly version: number;
}

export async function readModelInForce(trx: Transaction<DB>, tenantId: TenantId): Promise<ModelInForce> {
  const row = await trx
    .selectFrom('tier_model')
    .select(['content', 'version'])
    .where('tenant_id', '=', tenantId)
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? { model: defaultModel, version: 0 } : { model: row.content, version: row.version };
}

/** Puts a model into force. */
export async function insertModel(
  trx: Transaction<DB>,
  {
    tenantId,
    version,
    model,
    setBy,
    now,
  }: {
    readonly tenantId: TenantId;
    readonly version: number;
    readonly model: TierModel;
    readonly setBy: AgentId;
    readonly now: Date;
  },
): Promise<void> {
  const content = JSON.stringify(model);
  await trx
    .insertInto('tier_model')
    .values({ tenant_id: tenantId, version, content, set_by: setBy, set_at: now })
    .execute();
}
