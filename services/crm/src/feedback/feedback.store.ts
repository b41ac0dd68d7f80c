import type { CaseId, CustomerId, FeedbackId, TenantId } from '@crossdesk/contracts';
import { countRows, type Keyset, type LockedAggregate, lockedAggregate } from '@crossdesk/service-kit';
import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';
import type { Feedback, FeedbackSource, FeedbackState, FeedbackType, Urgency } from './feedback.domain.ts';

type Trx = Transaction<DB>;
type FeedbackRow = Row<'feedback'> & { readonly skus: string[] };

const columns = sql`f.*, array(select s.sku from feedback_sku s
  where s.tenant_id = f.tenant_id and s.feedback_id = f.id order by s.sku) as skus`;

/** The lock for appending events of feedback, which must be new or locked in this transaction. */
export function aggregateOf(one: Feedback): LockedAggregate {
  return lockedAggregate(one);
}

/** Locks feedback; null if the caller sees none with this id. */
export async function lockFeedback(trx: Trx, tenantId: TenantId, id: FeedbackId): Promise<Feedback | null> {
  const { rows } = await sql<FeedbackRow>`
    select ${columns} from feedback f where f.tenant_id = ${tenantId} and f.id = ${id} for update of f`.execute(trx);
  return rows[0] === undefined ? null : toFeedback(rows[0]);
}

/**
 * Locks what is known under the id of its source; null if nothing is. Of two who bring it at once, one waits for the other:
 * a row that does not exist cannot be locked.
 */
export async function lockKnown(
  trx: Trx,
  { tenantId, source, accountId, externalId }: Pick<Feedback, 'tenantId' | 'source' | 'accountId' | 'externalId'>,
): Promise<Feedback | null> {
  const name = `${tenantId} ${source} ${accountId ?? ''} ${externalId}`;
  await sql`select pg_advisory_xact_lock(hashtext('crm.feedback'), hashtext(${name}))`.execute(trx);
  const { rows } = await sql<FeedbackRow>`
    select ${columns} from feedback f where f.tenant_id = ${tenantId} and f.source = ${source}
      and f.account_id is not distinct from ${accountId}::uuid and f.external_id = ${externalId} for update of f`.execute(
    trx,
  );
  return rows[0] === undefined ? null : toFeedback(rows[0]);
}

/** Locks the feedback that a case is about. */
export async function lockOfCase(trx: Trx, tenantId: TenantId, caseId: CaseId): Promise<Feedback[]> {
  const { rows } = await sql<FeedbackRow>`
    select ${columns} from feedback f where f.tenant_id = ${tenantId} and f.case_id = ${caseId}
    order by f.id for update of f`.execute(trx);
  return rows.map(toFeedback);
}

export async function insertFeedback(trx: Trx, one: Feedback): Promise<void> {
  await trx.insertInto('feedback').values(toRow(one)).execute();
  await insertSkus(trx, one);
}

/** Writes the changes of feedback, which must be locked in this transaction. */
export async function saveFeedback(trx: Trx, before: Feedback, after: Feedback): Promise<void> {
  const { tenant_id, id, source: _, external_id: __, received_at: ___, ...changes } = toRow(after);
  await trx.updateTable('feedback').set(changes).where('tenant_id', '=', tenant_id).where('id', '=', id).execute();
  if (before.skus.join('\0') === after.skus.join('\0')) return;
  await trx.deleteFrom('feedback_sku').where('tenant_id', '=', tenant_id).where('feedback_id', '=', id).execute();
  await insertSkus(trx, after);
}

async function insertSkus(trx: Trx, { tenantId, id, skus }: Feedback): Promise<void> {
  if (skus.length === 0) return;
  const rows = skus.map((sku) => ({ tenant_id: tenantId, feedback_id: id, sku }));
  await trx.insertInto('feedback_sku').values(rows).execute();
}

export async function feedbackByIds(
  trx: Trx,
  tenantId: TenantId,
  ids: readonly FeedbackId[],
): Promise<Map<FeedbackId, Feedback>> {
  const { rows } = await sql<FeedbackRow>`
    select ${columns} from feedback f where f.tenant_id = ${tenantId} and f.id = any(${ids}::uuid[])`.execute(trx);
  return new Map(rows.map((row) => [row.id, toFeedback(row)]));
}

/** All conditions must hold; null restricts nothing. */
export interface FeedbackFilter {
  readonly customerId: CustomerId | null;
  readonly accountIds: readonly string[] | null;
  readonly sources: readonly FeedbackSource[] | null;
  readonly types: readonly FeedbackType[] | null;
  readonly urgencies: readonly Urgency[] | null;
  readonly states: readonly FeedbackState[] | null;
  readonly sku: string | null;
  readonly scoreMax: number | null;
}

/** A page of feedback, the latest first, and one more if there is any behind it. */
export async function listFeedback(
  trx: Trx,
  tenantId: TenantId,
  filter: FeedbackFilter,
  { first, after }: { readonly first: number; readonly after: Keyset | null },
): Promise<Feedback[]> {
  const behind = after === null ? sql`` : sql`and (f.given_at, f.id) < (${after.at}::timestamptz, ${after.id}::uuid)`;
  const { rows } = await sql<FeedbackRow>`
    select ${columns} from feedback f where ${matching(tenantId, filter)} ${behind}
    order by f.given_at desc, f.id desc limit ${first + 1}`.execute(trx);
  return rows.map(toFeedback);
}

/** How many match, counted up to a bound. */
export function countFeedback(trx: Trx, tenantId: TenantId, filter: FeedbackFilter): Promise<number> {
  return countRows(trx, sql`select 1 from feedback f where ${matching(tenantId, filter)}`);
}

function matching(tenantId: TenantId, filter: FeedbackFilter): RawBuilder<unknown> {
  const { customerId, accountIds, sources, types, urgencies, states, sku, scoreMax } = filter;
  return sql.join(
    [
      sql`f.tenant_id = ${tenantId}`,
      ...(customerId === null ? [] : [sql`and f.profile_id in (${profilesOf(tenantId, customerId)})`]),
      ...(accountIds === null ? [] : [sql`and f.account_id = any(${accountIds}::uuid[])`]),
      ...(sources === null ? [] : [sql`and f.source = any(${sources}::text[])`]),
      ...(types === null ? [] : [sql`and f.type = any(${types}::text[])`]),
      ...(urgencies === null ? [] : [sql`and f.urgency = any(${urgencies}::text[])`]),
      ...(states === null ? [] : [sql`and f.state = any(${states}::text[])`]),
      ...(scoreMax === null ? [] : [sql`and f.score <= ${scoreMax}`]),
      ...(sku === null
        ? []
        : [
            sql`and exists (select from feedback_sku s
              where s.tenant_id = f.tenant_id and s.feedback_id = f.id and s.sku = ${sku})`,
          ]),
    ],
    sql` `,
  );
}

function profilesOf(tenantId: TenantId, customerId: CustomerId): RawBuilder<unknown> {
  return sql`select id from profile where tenant_id = ${tenantId} and customer_id = ${customerId}`;
}

/**
 * Empties the words of erased profiles, also of what has waited for a conversation of theirs. It comes before their
 * identities are deleted. Returns how many.
 */
export async function eraseFeedback(trx: Trx, tenantId: TenantId, ids: readonly CustomerId[]): Promise<number> {
  const { numAffectedRows } = await sql`
    update feedback f set text = '', version = f.version + 1, buyer_external_id = null
    where f.tenant_id = ${tenantId} and (f.text <> '' or f.buyer_external_id is not null) and (
      f.profile_id = any(${ids}::uuid[])
      or exists (select from customer_identity i where i.tenant_id = f.tenant_id and i.account_id = f.account_id
        and i.kind = 'platform_commerce' and i.value = f.buyer_external_id and i.profile_id = any(${ids}::uuid[]))
    )`.execute(trx);
  return Number(numAffectedRows ?? 0n);
}

function toFeedback(row: FeedbackRow): Feedback {
  return {
    tenantId: row.tenant_id,
    id: row.id,
    source: row.source,
    externalId: row.external_id,
    kind: row.kind,
    accountId: row.account_id,
    profileId: row.profile_id,
    conversationId: row.conversation_id,
    orderId: row.order_id,
    externalOrderId: row.external_order_id,
    buyerExternalId: row.buyer_external_id,
    score: row.score,
    text: row.text,
    language: row.language,
    skus: row.skus,
    type: row.type,
    urgency: row.urgency,
    reason: row.reason,
    classifiedBy: row.classified_by,
    state: row.state,
    caseId: row.case_id,
    recordedBy: row.recorded_by,
    givenAt: row.given_at,
    receivedAt: row.received_at,
    confirmedAt: row.confirmed_at,
    version: row.version,
  };
}

function toRow(one: Feedback): Row<'feedback'> {
  return {
    tenant_id: one.tenantId,
    id: one.id,
    source: one.source,
    external_id: one.externalId,
    kind: one.kind,
    account_id: one.accountId,
    profile_id: one.profileId,
    conversation_id: one.conversationId,
    order_id: one.orderId,
    external_order_id: one.externalOrderId,
    buyer_external_id: one.buyerExternalId,
    score: one.score,
    text: one.text,
    language: one.language,
    type: one.type,
    urgency: one.urgency,
    reason: one.reason,
    classified_by: one.classifiedBy,
    state: one.state,
    case_id: one.caseId,
    recorded_by: one.recordedBy,
    given_at: one.givenAt,
    received_at: one.receivedAt,
    confirmed_at: one.confirmedAt,
    version: one.version,
  };
}
