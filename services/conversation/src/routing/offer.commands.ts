import type { AgentId, ConversationId, TenantId } from '@crossdesk/contracts';
import { causedOutside, type CommandCall, type ServiceRuntime } from '@crossdesk/service-kit';
import { sql, type Transaction } from 'kysely';
import { release } from '../conversation/conversation.domain.ts';
import { conversationChanged } from '../conversation/conversation.events.ts';
import { aggregateOf } from '../conversation/conversation.store.ts';
import { saveChanges } from '../conversation/save-changes.ts';
import type { DB } from '../db.ts';
import { takeOffDuty } from '../duty/duty.commands.ts';
import { queueNow } from '../queue/queue.store.ts';
import { lockFree } from './queue-entry.store.ts';

type Deps = Pick<ServiceRuntime<DB>, 'outbox' | 'clock'>;

interface Offer {
  readonly tenant_id: TenantId;
  readonly conversation_id: ConversationId;
  readonly agent_id: AgentId;
}

/** Somebody who did not open it does not get it again for this time. */
export const excludedMs = 15 * 60_000;
/** After so many in a row they are not there. */
const unopenedMax = 3;

/** Gives what was not opened in time to somebody else; whoever opens nothing is put off duty. */
export async function withdrawUnopened(deps: Deps, trx: Transaction<DB>, limit: number): Promise<Offer[]> {
  const now = deps.clock.now();
  const { rows: due } = await sql<Offer>`
    select * from routing_offer where open_until <= ${now} order by open_until limit ${limit}`.execute(trx);
  const free = new Map((await lockFree(trx, due)).map((one) => [one.id, one]));
  const gone = due.filter(({ conversation_id }) => free.has(conversation_id));
  if (gone.length === 0) return [];
  const absent: Offer[] = [];
  const origin = causedOutside({ kind: 'system', id: null });
  const until = new Date(now.getTime() + excludedMs).toISOString();
  for (const offer of gone) {
    const before = free.get(offer.conversation_id);
    if (before === undefined || !(await deleteOffer(trx, offer)) || before.assigneeId !== offer.agent_id) continue;
    const after = release(before);
    const told = { aggregate: aggregateOf(after), conversation: after, origin };
    const events = [conversationChanged(told, 'assignee', before.state)];
    await saveChanges(deps, trx, [{ before, after, events }]);
    await queueNow(trx, after, { reason: 'not-opened', excluded: { agentId: offer.agent_id, until }, now });
    absent.push(offer);
  }
  for (const offer of absent) await countUnopened(deps, trx, offer);
  return gone;
}

/** False if it was opened meanwhile. */
async function deleteOffer(trx: Transaction<DB>, { tenant_id, conversation_id, agent_id }: Offer): Promise<boolean> {
  const { rows } = await sql`
    delete from routing_offer
    where tenant_id = ${tenant_id} and conversation_id = ${conversation_id} and agent_id = ${agent_id}
    returning agent_id`.execute(trx);
  return rows.length > 0;
}

async function countUnopened(
  deps: Deps,
  trx: Transaction<DB>,
  { tenant_id: tenantId, agent_id: agentId }: Offer,
): Promise<void> {
  const { rows } = await sql<{ unopened: number }>`
    update agent_duty set unopened = unopened + 1 where tenant_id = ${tenantId} and agent_id = ${agentId}
    returning unopened`.execute(trx);
  if ((rows[0]?.unopened ?? 0) < unopenedMax) return;
  const actor = { kind: 'system', tenantId } as const;
  const call: CommandCall<DB> = { trx, actor, origin: causedOutside({ kind: 'system', id: null }) };
  await takeOffDuty(deps, call, agentId);
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
