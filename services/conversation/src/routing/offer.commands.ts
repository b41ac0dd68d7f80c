import { causedBySystem, type CommandCall, type ServiceRuntime } from '@crossdesk/service-kit';
import { sql, type Transaction } from 'kysely';
import type { Conversation } from '../conversation/conversation.domain.ts';
import { keyText } from '../conversation/conversation.store.ts';
import { saveChanges } from '../conversation/save-changes.ts';
import type { DB, Row } from '../db.ts';
import { takeOffDuty } from '../duty/duty.commands.ts';
import { queueNow } from '../queue/queue.store.ts';
import { notForWhoeverHadIt, released } from './released.ts';
import { lockFree } from './queue-entry.store.ts';

type Deps = Pick<ServiceRuntime<DB>, 'outbox' | 'clock'>;

type Offer = Row<'routing_offer'>;

/** Somebody who did not open it does not get it again for this time. */
export const excludedMs = 15 * 60_000;
/** Whoever opened nothing so many times in a row is not there. */
const unopenedMax = 3;

/** Gives what was not opened in time to somebody else; whoever opens nothing, and does nothing else, is put off duty. */
export async function withdrawUnopened(deps: Deps, trx: Transaction<DB>, limit: number): Promise<Offer[]> {
  const now = deps.clock.now();
  const { rows: due } = await sql<Offer>`
    select * from routing_offer where open_until <= ${now} order by open_until limit ${limit}`.execute(trx);
  const free = new Map((await lockFree(trx, due)).map((one) => [keyText(one), one]));
  const ended = await deleteEnded(trx, [...free.values()], now);
  const origin = causedBySystem();
  const lapsed = ended.flatMap((offer) => {
    const before = free.get(keyText({ tenantId: offer.tenant_id, id: offer.conversation_id }));
    return before?.assigneeId === offer.agent_id ? [{ offer, change: released(before, origin) }] : [];
  });
  const changes = lapsed.map(({ change }) => change);
  await saveChanges(deps, trx, changes);
  await queueNow(trx, changes.map(notForWhoeverHadIt), { reason: 'not-opened', notForMs: excludedMs, now });
  await countUnopened(
    deps,
    trx,
    lapsed.map(({ offer }) => offer),
  );
  return ended;
}

/** Of locked conversations; without those that were opened meanwhile. */
async function deleteEnded(trx: Transaction<DB>, conversations: readonly Conversation[], now: Date): Promise<Offer[]> {
  if (conversations.length === 0) return [];
  const [tenants, ids] = [conversations.map((one) => one.tenantId), conversations.map((one) => one.id)];
  const { rows } = await sql<Offer>`
    delete from routing_offer
    where open_until <= ${now}
      and (tenant_id, conversation_id) in (select * from unnest(${tenants}::uuid[], ${ids}::uuid[]))
    returning *`.execute(trx);
  return rows;
}

/**
 * What somebody got before the last time belongs to that time: a burst of offers counts once. Whoever has done something
 * since is there. The rows of the people are locked already: what they have has just become less.
 */
async function countUnopened(deps: Deps, trx: Transaction<DB>, offers: readonly Offer[]): Promise<void> {
  const idle = offers.filter(({ has_acted }) => !has_acted);
  if (idle.length === 0) return;
  const { rows } = await sql<Pick<Row<'agent_duty'>, 'tenant_id' | 'agent_id' | 'unopened'>>`
    update agent_duty d set unopened = d.unopened + 1, lapsed_at = ${deps.clock.now()}
    from (
      select tenant_id, agent_id, max(offered_at) as offered_at
      from json_populate_recordset(null::routing_offer, ${JSON.stringify(idle)}::json) group by 1, 2
    ) n
    where d.tenant_id = n.tenant_id and d.agent_id = n.agent_id and (d.lapsed_at is null or n.offered_at > d.lapsed_at)
    returning d.tenant_id, d.agent_id, d.unopened`.execute(trx);
  for (const { tenant_id: tenantId, agent_id: agentId, unopened } of rows) {
    if (unopened < unopenedMax) continue;
    const actor = { kind: 'system', tenantId } as const;
    const call: CommandCall<DB> = { trx, actor, origin: causedBySystem() };
    await takeOffDuty(deps, call, agentId, 'not-opened');
  }
}

/** The milliseconds until the next offer ends or the next entry is due; null if there is none. */
export async function dueInMs(trx: Transaction<DB>, now: Date): Promise<number | null> {
  const { rows } = await sql<{ at: Date | null }>`
    select least((select min(open_until) from routing_offer), (select min(due_at) from queue_entry)) as at`.execute(
    trx,
  );
  const at = rows[0]?.at ?? null;
  return at === null ? null : at.getTime() - now.getTime();
}
