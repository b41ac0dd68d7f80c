import type { ChannelAccountId, TenantId } from '@crossdesk/contracts';
import { sql } from 'kysely';
import type { Row, Trx } from '../db.ts';
import type { ResyncId } from '../ids.ts';
import type { Span } from './resync.domain.ts';

export type ResyncRow = Row<'resync'>;
export type ResyncPart = Omit<Row<'resync_part'>, 'leased_until'> & Pick<ResyncRow, 'from_at' | 'to_at'>;

export interface NewResync extends Span {
  readonly tenantId: TenantId;
  readonly id: ResyncId;
  readonly accountId: ChannelAccountId;
  readonly reason: ResyncRow['reason'];
  readonly kinds: readonly ResyncPart['kind'][];
  /** Where the lists of the platform are read from. */
  readonly cursor: string;
  readonly now: Date;
}

export async function insertResync(trx: Trx, job: NewResync): Promise<ResyncRow> {
  const { tenantId, id, accountId, now } = job;
  const row = {
    tenant_id: tenantId,
    id,
    account_id: accountId,
    reason: job.reason,
    from_at: job.from,
    to_at: job.to,
    created_at: now,
  };
  await trx.insertInto('resync').values(row).execute();
  await sql`
    insert into resync_part (tenant_id, resync_id, account_id, kind, state, cursor, due_at)
    select ${tenantId}, ${id}, ${accountId}, kind, 'running', ${job.cursor}, ${now} from unnest(${job.kinds}::text[]) as kind`.execute(
    trx,
  );
  return row;
}

const columns = sql`p.tenant_id, p.resync_id, p.account_id, p.kind, p.state, p.cursor, p.pages, p.items, p.added, p.due_at,
  p.failures, p.last_error, p.ended_at, r.from_at, r.to_at`;

/** Takes parts that are due; one whose process dies is due again when its lease ends. */
export async function claimParts(trx: Trx, limit: number, now: Date, leaseMs: number): Promise<ResyncPart[]> {
  const { rows } = await sql<ResyncPart>`
    update resync_part p set leased_until = ${now}::timestamptz + ${leaseMs} * interval '1 millisecond'
    from resync r
    where r.tenant_id = p.tenant_id and r.id = p.resync_id and (p.tenant_id, p.resync_id, p.kind) in (
      select tenant_id, resync_id, kind from resync_part
      where state = 'running' and due_at <= ${now} and (leased_until is null or leased_until < ${now})
      order by due_at limit ${limit} for update skip locked
    )
    returning ${columns}`.execute(trx);
  return rows;
}

/** The time until the next page is due; null without one. */
export async function nextPartInMs(trx: Trx, now: Date): Promise<number | null> {
  const { rows } = await sql<{ ms: number | null }>`
    select (extract(epoch from min(greatest(due_at, leased_until)) - ${now}::timestamptz) * 1000)::float as ms
    from resync_part where state = 'running'`.execute(trx);
  return rows[0]?.ms ?? null;
}

/** Writes how far a part has come, and gives its lease back. */
export async function savePart(
  trx: Trx,
  { tenant_id, resync_id, kind }: ResyncPart,
  next: Partial<
    Pick<
      ResyncPart,
      'state' | 'cursor' | 'pages' | 'items' | 'added' | 'failures' | 'last_error' | 'due_at' | 'ended_at'
    >
  >,
): Promise<void> {
  await trx
    .updateTable('resync_part')
    .set({ ...next, leased_until: null })
    .where('tenant_id', '=', tenant_id)
    .where('resync_id', '=', resync_id)
    .where('kind', '=', kind)
    .execute();
}

/** The jobs of an account that are not over. */
export async function runningOf(trx: Trx, tenantId: TenantId, accountId: ChannelAccountId): Promise<ResyncRow[]> {
  const { rows } = await sql<ResyncRow>`
    select tenant_id, id, account_id, reason, from_at, to_at, created_at from resync r
    where tenant_id = ${tenantId} and account_id = ${accountId} and exists (
      select from resync_part p where p.tenant_id = r.tenant_id and p.resync_id = r.id and p.state = 'running')`.execute(
    trx,
  );
  return rows;
}

/** Whether the account was filled when it was connected for the first time. */
export async function hasBackfill(trx: Trx, tenantId: TenantId, accountId: ChannelAccountId): Promise<boolean> {
  const { rows } = await sql`
    select from resync where tenant_id = ${tenantId} and account_id = ${accountId} and reason = 'connected' limit 1`.execute(
    trx,
  );
  return rows.length > 0;
}

/** The jobs of an account, the newest first, one more than asked for. */
export async function listResyncs(
  trx: Trx,
  tenantId: TenantId,
  accountId: ChannelAccountId,
  { first, after }: { readonly first: number; readonly after: string | null },
): Promise<ResyncRow[]> {
  const behind = after === null ? sql`` : sql`and id < ${after}::uuid`;
  const { rows } = await sql<ResyncRow>`
    select tenant_id, id, account_id, reason, from_at, to_at, created_at from resync
    where tenant_id = ${tenantId} and account_id = ${accountId} ${behind} order by id desc limit ${first + 1}`.execute(
    trx,
  );
  return rows;
}

export async function findParts(trx: Trx, tenantId: TenantId, resyncIds: readonly string[]): Promise<ResyncPart[]> {
  const { rows } = await sql<ResyncPart>`
    select ${columns} from resync_part p join resync r on r.tenant_id = p.tenant_id and r.id = p.resync_id
    where p.tenant_id = ${tenantId} and p.resync_id = any(${resyncIds}::uuid[]) order by p.kind`.execute(trx);
  return rows;
}

const keptDays = 90;

/** Ends the memory of jobs; that of the first one stays, so that it is not done again. */
export async function forgetResyncs(trx: Trx): Promise<void> {
  const old = sql`r.reason <> 'connected' and r.created_at < now() - ${keptDays} * interval '1 day'`;
  await sql`
    delete from resync_part p using resync r
    where r.tenant_id = p.tenant_id and r.id = p.resync_id and ${old}`.execute(trx);
  await sql`delete from resync r where ${old}`.execute(trx);
}
