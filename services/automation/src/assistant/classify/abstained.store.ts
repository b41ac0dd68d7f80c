import type { MessageId, TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB } from '../../db.ts';
import type { AssistantRow } from '../assistant.store.ts';

const pauseMs = 10_000;
/** Longer than a round takes. */
const leaseMs = 120_000;

/** Takes assistants that may look at messages again; they are due again when the lease ends. */
export async function claimClassifiers(trx: Transaction<DB>, limit: number, now: Date): Promise<AssistantRow[]> {
  const { rows } = await sql<AssistantRow>`
    update assistant a set classify_due_at = ${new Date(now.getTime() + leaseMs)}
    from (select tenant_id from assistant where classify_due_at <= ${now} order by classify_due_at limit ${limit}
      for update skip locked) d
    where a.tenant_id = d.tenant_id
    returning a.*`.execute(trx);
  return rows;
}

export async function nextClassifierAt(trx: Transaction<DB>): Promise<Date | null> {
  const { rows } = await sql<{ due_at: Date | null }>`select min(classify_due_at) as due_at from assistant`.execute(
    trx,
  );
  return rows[0]?.due_at ?? null;
}

/** Ends a round. */
export async function endRound(trx: Transaction<DB>, tenantId: TenantId, now: Date): Promise<void> {
  await sql`
    update assistant set classify_due_at = ${new Date(now.getTime() + pauseMs)}
    where tenant_id = ${tenantId} and classify_due_at is not null`.execute(trx);
}

/** Notes up to which message an assistant has looked; never back. */
export async function saveProgress(trx: Transaction<DB>, tenantId: TenantId, to: string): Promise<void> {
  await sql`update assistant set classified_to = ${to} where tenant_id = ${tenantId} and classified_to < ${to}`.execute(
    trx,
  );
}

export interface Abstained {
  readonly messageId: MessageId;
  readonly text: string;
}

/** Messages of buyers, of which the built-in model does not know what they want, in the order in which they came. */
export async function abstainedBetween(
  trx: Transaction<DB>,
  tenantId: TenantId,
  span: { readonly after: string; readonly before: string },
  limit: number,
): Promise<Abstained[]> {
  const { rows } = await sql<Abstained>`
    select t.message_id as "messageId", t.text from message_text t
    join message_analysis a on a.tenant_id = t.tenant_id and a.message_id = t.message_id
    where t.tenant_id = ${tenantId} and t.author = 'buyer' and t.message_id > ${span.after} and t.message_id < ${span.before}
      and a.understanding is not null
      and not exists (select from jsonb_array_elements(a.understanding -> 'intents') i where (i ->> 'isCertain')::boolean)
    order by t.message_id limit ${limit}`.execute(trx);
  return rows;
}

/** Whether a message still says this: it may have been edited, deleted or erased meanwhile. */
export async function isStillSaid(
  trx: Transaction<DB>,
  tenantId: TenantId,
  { messageId, text }: Abstained,
): Promise<boolean> {
  const { rows } = await sql`
    select from message_text where tenant_id = ${tenantId} and message_id = ${messageId} and text = ${text}
    for share`.execute(trx);
  return rows.length > 0;
}
