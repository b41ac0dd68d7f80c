import type { Capabilities } from '@crossdesk/channels';
import type { ChannelAccountId, TenantId } from '@crossdesk/contracts';
import { sql } from 'kysely';
import type { Trx } from '../db.ts';

interface Account {
  readonly tenantId: TenantId;
  readonly accountId: ChannelAccountId;
}

/** later: the account waits, and `claimDue` skips it until its next window. */
export type SendRight = 'taken' | 'later' | 'day used up';

const today = sql`(now() at time zone 'UTC')::date`;

/**
 * Takes one send from the quota of an account, so that no store exceeds its platform's limit, however many processes
 * send for it. Limits apply per second and per UTC day.
 */
export async function takeSend(
  trx: Trx,
  { tenantId, accountId }: Account,
  { sendsPerSecondMax, sendsPerDayMax }: Pick<Capabilities, 'sendsPerSecondMax' | 'sendsPerDayMax'>,
): Promise<SendRight> {
  const inWindow = Math.max(1, Math.floor(sendsPerSecondMax));
  const windowSeconds = inWindow / sendsPerSecondMax;
  const { rows } = await sql`
    with ends as (select now() + ${windowSeconds} * interval '1 second' as at)
    insert into send_quota as q (tenant_id, account_id, window_ends_at, taken, waits_until, day, taken_of_day)
    select ${tenantId}::uuid, ${accountId}::uuid, at, 1, case when ${inWindow}::int = 1 then at else '-infinity' end, ${today}, 1
    from ends
    on conflict (tenant_id, account_id) do update set (window_ends_at, taken, waits_until, day, taken_of_day) = (
      select ends_at, sends, case when sends >= ${inWindow}::int then ends_at else q.waits_until end, excluded.day,
        case when q.day = excluded.day then q.taken_of_day + 1 else 1 end
      from (
        -- A window that ends later than one begun now is from before the clock was set back.
        select case when is_open then q.window_ends_at else excluded.window_ends_at end as ends_at,
          case when is_open then q.taken + 1 else 1 end as sends
        from (select q.window_ends_at between now() and excluded.window_ends_at as is_open) w
      ) next
    )
    where q.waits_until <= now()
      and (q.day <> excluded.day or q.taken_of_day < coalesce(${sendsPerDayMax}::int, q.taken_of_day + 1))
    returning account_id`.execute(trx);
  if (rows.length > 0) return 'taken';
  return sendsPerDayMax !== null && (await isDayUsedUp(trx, { tenantId, accountId }, sendsPerDayMax))
    ? 'day used up'
    : 'later';
}

async function isDayUsedUp(trx: Trx, { tenantId, accountId }: Account, sendsPerDayMax: number): Promise<boolean> {
  const { rows } = await sql`
    select from send_quota
    where tenant_id = ${tenantId} and account_id = ${accountId} and day = ${today} and taken_of_day >= ${sendsPerDayMax}`.execute(
    trx,
  );
  return rows.length > 0;
}

/** The platform asked for a pause: nothing is sent for the account until it is over. */
export async function pauseSends(trx: Trx, { tenantId, accountId }: Account, forMs: number): Promise<void> {
  await sql`
    insert into send_quota as q (tenant_id, account_id, window_ends_at, taken, waits_until, day, taken_of_day)
    values (${tenantId}, ${accountId}, now(), 0, now() + ${forMs} * interval '1 millisecond', ${today}, 0)
    on conflict (tenant_id, account_id) do update set waits_until = greatest(q.waits_until, excluded.waits_until)`.execute(
    trx,
  );
}
