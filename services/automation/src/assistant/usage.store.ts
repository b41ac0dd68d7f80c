import type { TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import type { DB, Row } from '../db.ts';
import type { Usage } from '../engine/chat-answer.domain.ts';
import type { EngineFailure } from '../engine/engine-error.domain.ts';
import type { Spending } from './assistant.domain.ts';
import { dayOf, monthOf, type Used } from './budget.domain.ts';

export type AssistantUsageRow = Omit<Row<'assistant_usage'>, 'day'> & {
  /** YYYY-MM-DD (UTC). */
  readonly day: string;
};

/** What a workspace used in the month, calls under way included. */
export async function usedInMonth(trx: Transaction<DB>, tenantId: TenantId, now: Date): Promise<Used> {
  const { rows } = await sql<{ tokens: string; micros: string }>`
    select coalesce(sum(reserved_tokens + input_tokens::bigint + output_tokens), 0) as tokens,
      coalesce(sum(reserved_micros + cost_micros), 0) as micros
    from assistant_usage where tenant_id = ${tenantId} and day >= ${`${monthOf(now)}-01`}::date`.execute(trx);
  return { tokens: Number(rows[0]?.tokens ?? 0), micros: Number(rows[0]?.micros ?? 0) };
}

export interface UsagePlace {
  readonly tenantId: TenantId;
  readonly spending: Spending;
  readonly day: Date;
}

export async function addReserved(trx: Transaction<DB>, place: UsagePlace, reserved: Used): Promise<void> {
  const { tenantId, spending, day } = place;
  await sql`
    insert into assistant_usage as u (tenant_id, day, purpose, reserved_tokens, reserved_micros)
    values (${tenantId}, ${dayOf(day)}::date, ${spending}, ${reserved.tokens}, ${reserved.micros})
    on conflict (tenant_id, day, purpose) do update
    set reserved_tokens = u.reserved_tokens + excluded.reserved_tokens,
      reserved_micros = u.reserved_micros + excluded.reserved_micros`.execute(trx);
}

export interface SettledCall {
  readonly reserved: Used;
  readonly usage: Usage;
  readonly micros: number;
  readonly failure: EngineFailure | null;
}

/** Ends a reservation with what the call used. */
export async function settleReserved(
  trx: Transaction<DB>,
  { tenantId, spending, day }: UsagePlace,
  { reserved, usage, micros, failure }: SettledCall,
): Promise<void> {
  await sql`
    update assistant_usage set reserved_tokens = reserved_tokens - ${reserved.tokens},
      reserved_micros = reserved_micros - ${reserved.micros}, input_tokens = input_tokens + ${usage.input},
      output_tokens = output_tokens + ${usage.output}, cost_micros = cost_micros + ${micros}, calls = calls + 1,
      failures = failures + ${failure === null ? 0 : 1}, last_failure = coalesce(${failure}, last_failure)
    where tenant_id = ${tenantId} and purpose = ${spending} and day = ${dayOf(day)}::date`.execute(trx);
}

/** Day by day and purpose by purpose. */
export async function usageBetween(
  trx: Transaction<DB>,
  tenantId: TenantId,
  { from, to }: { readonly from: Date; readonly to: Date },
): Promise<AssistantUsageRow[]> {
  const { rows } = await sql<AssistantUsageRow>`
    select u.*, u.day::text as day from assistant_usage u
    where tenant_id = ${tenantId} and day between ${dayOf(from)}::date and ${dayOf(to)}::date
    order by u.day, u.purpose`.execute(trx);
  return rows;
}
