import { type CustomerId, type EventData, newId, type TenantId } from '@crossdesk/contracts';
import type { Clock, Delivered } from '@crossdesk/service-kit';
import { sql, type Transaction } from 'kysely';
import type { DB } from '../db.ts';
import type { PlannedOutreach } from '../outreach/outreach.domain.ts';
import { planOutreach } from '../outreach/outreach.store.ts';
import { noteStages, type ReachedStage } from '../order/order-stage.store.ts';
import type { StageNotice } from './stage-notice.domain.ts';
import { noticesOn } from './stage-notice.store.ts';
import { noticeDueAt, notAfterOf, stageOf } from '../order/stage.domain.ts';

type Order = EventData<'ingest.order-updated'>;
interface Reached extends ReachedStage {
  readonly order: Order;
}

/** Notes the stages that orders have reached, and plans the notices of those that are new. Returns how many it planned. */
export async function planNotices(
  { clock }: { readonly clock: Clock },
  trx: Transaction<DB>,
  events: readonly Delivered<'ingest.order-updated'>[],
): Promise<number> {
  const reached = [...new Map(events.flatMap(({ event }) => reachedIn(event.tenantId, event.data))).values()];
  const fresh = await noteStages(trx, reached);
  const isNew = ({ orderId, stage }: Reached) => fresh.has(`${orderId} ${stage}`);
  const isNamed = ({ order }: Reached) => order.buyerExternalId !== null;
  const told = reached.filter((one) => isNew(one) && isNamed(one));
  if (told.length === 0) return 0;
  const notices = await noticesOn(trx, [...new Set(told.map(({ accountId }) => accountId))]);
  const now = clock.now();
  const due = told.flatMap((one) => {
    const notice = notices.find(
      ({ tenantId, accountId, stage }) =>
        tenantId === one.tenantId && accountId === one.accountId && stage === one.stage,
    );
    if (notice === undefined) return [];
    const dueAt = noticeDueAt(notice.stage, one.reachedAt, notice.onSince, now);
    return dueAt === null ? [] : [{ one, notice, dueAt }];
  });
  const buyers = await buyersOf(
    trx,
    due.map(({ one }) => one),
  );
  const planned = due.flatMap(({ one, notice, dueAt }) => {
    const profileId = buyers.get(buyerKey(one));
    return profileId === undefined ? [] : [plannedFor({ one, notice, dueAt, profileId })];
  });
  return planOutreach(trx, planned, now);
}

function reachedIn(tenantId: TenantId, order: Order): [string, Reached][] {
  const stage = stageOf(order.state);
  if (stage === null) return [];
  const { orderId, accountId } = order;
  const reachedAt = new Date(order.platformUpdatedAt ?? order.placedAt);
  return [[`${tenantId} ${orderId} ${stage}`, { tenantId, orderId, accountId, stage, reachedAt, order }]];
}

const buyerKey = ({ tenantId, accountId, order }: Pick<Reached, 'tenantId' | 'accountId' | 'order'>) =>
  `${tenantId} ${accountId} ${order.buyerExternalId ?? ''}`;

/** The profiles that orders name as buyers. Somebody who is not known has no thread either. */
async function buyersOf(trx: Transaction<DB>, reached: readonly Reached[]): Promise<Map<string, CustomerId>> {
  if (reached.length === 0) return new Map();
  const { rows } = await sql<{ key: string; profile_id: CustomerId }>`
    select concat_ws(' ', i.tenant_id, i.account_id, i.value) as key, i.profile_id
    from unnest(${reached.map((r) => r.tenantId)}::uuid[], ${reached.map((r) => r.accountId)}::uuid[],
      ${reached.map((r) => r.order.buyerExternalId)}::text[]) as r (tenant_id, account_id, value)
    join customer_identity i on i.tenant_id = r.tenant_id and i.kind = 'platform_commerce'
      and i.account_id = r.account_id and i.value = r.value
    order by i.profile_id`.execute(trx);
  return new Map(rows.map((row) => [row.key, row.profile_id]));
}

interface Due {
  readonly one: Reached;
  readonly notice: StageNotice;
  readonly dueAt: Date;
  readonly profileId: CustomerId;
}

function plannedFor({ one, notice, dueAt, profileId }: Due): PlannedOutreach {
  const { tenantId, orderId, stage, accountId, order } = one;
  const tracking = order.shipments.find(({ trackingNumber }) => trackingNumber !== null)?.trackingNumber ?? null;
  const subject = `${orderId} ${stage}`;
  return {
    tenantId,
    id: newId(),
    kind: 'stage-notice',
    purpose: 'service',
    dedupeKey: `stage-notice ${subject}`,
    subject,
    profileId,
    accountId,
    texts: notice.texts,
    variables: { order: order.externalOrderId, ...(tracking === null ? {} : { tracking }) },
    holdOutShare: 0,
    arm: null,
    zone: 'UTC',
    dueAt,
    notAfter: notAfterOf(dueAt),
  };
}
