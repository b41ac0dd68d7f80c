import type { AgentId, ConversationId, RoleId, TeamId, TenantId } from '@crossdesk/contracts';
import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { DB } from '../db.ts';
import {
  type AgentLoad,
  type Doer,
  type Exclusion,
  isQueued,
  orderAt,
  type QueueReason,
  type WorkItem,
} from './queue.domain.ts';

interface ItemKey {
  readonly tenantId: TenantId;
  readonly id: ConversationId;
}

/** Puts conversations into the queue of workspaces that route. The bot has its time first; one that is there stays. */
export async function enterQueue(trx: Transaction<DB>, items: readonly WorkItem[], now: Date): Promise<void> {
  await sql`
    insert into queue_entry (tenant_id, conversation_id, order_at, waiting_since, entered_at, due_at, reason)
    select r.tenant_id, i.id, i.order_at, i.waiting_since, ${now}, ${now}::timestamptz + r.bot_wait_s * interval '1 second', 'new'
    from json_to_recordset(${JSON.stringify(items.map((item) => placeOf(item, now)))}::json)
      as i (tenant_id uuid, id uuid, order_at timestamptz, waiting_since timestamptz)
    join routing r on r.tenant_id = i.tenant_id and r.is_on
    order by r.tenant_id, i.id
    on conflict (tenant_id, conversation_id) do nothing`.execute(trx);
}

/** Gives entries their place anew; what was placed is placed again. */
export async function renewEntries(trx: Transaction<DB>, items: readonly WorkItem[], now: Date): Promise<void> {
  await sql`
    update queue_entry q set order_at = i.order_at, due_at = case when q.team_id is null then q.due_at else ${now} end
    from json_to_recordset(${JSON.stringify(items.map((item) => placeOf(item, now)))}::json)
      as i (tenant_id uuid, id uuid, order_at timestamptz)
    where q.tenant_id = i.tenant_id and q.conversation_id = i.id`.execute(trx);
}

function placeOf(item: WorkItem, now: Date) {
  const waitingSince = item.waitingSince ?? now;
  return { tenant_id: item.tenantId, id: item.id, order_at: orderAt(item, waitingSince), waiting_since: waitingSince };
}

/** A conversation that a person is looked for, and who does not get it for a while. */
export interface Queued {
  readonly item: WorkItem;
  readonly notFor: AgentId | null;
}

/**
 * A person is looked for now: the bot leaves conversations to people, or whoever had them gives them back. What is owed to
 * nobody, or has somebody, is left out. Nothing happens in a workspace that does not route.
 */
export async function queueNow(
  trx: Transaction<DB>,
  queued: readonly Queued[],
  { reason, notForMs = 0, now }: { readonly reason: QueueReason; readonly notForMs?: number; readonly now: Date },
): Promise<void> {
  const rows = queued.filter(({ item }) => isQueued(item)).map((one) => rowOf(one, notForMs, now));
  if (rows.length === 0) return;
  await sql`
    insert into queue_entry as q (tenant_id, conversation_id, order_at, waiting_since, entered_at, due_at, reason, excluded)
    select r.tenant_id, i.id, i.order_at, i.waiting_since, ${now}, ${now}, ${reason}, i.excluded
    from json_to_recordset(${JSON.stringify(rows)}::json)
      as i (tenant_id uuid, id uuid, order_at timestamptz, waiting_since timestamptz, excluded jsonb)
    join routing r on r.tenant_id = i.tenant_id and r.is_on
    order by r.tenant_id, i.id
    on conflict (tenant_id, conversation_id) do update
      set due_at = excluded.due_at, reason = excluded.reason, excluded = q.excluded || excluded.excluded`.execute(trx);
}

function rowOf({ item, notFor }: Queued, notForMs: number, now: Date) {
  const until = new Date(now.getTime() + notForMs).toISOString();
  const excluded: Exclusion[] = notFor === null ? [] : [{ agentId: notFor, until }];
  return { ...placeOf(item, now), excluded };
}

export async function deleteEntries(trx: Transaction<DB>, items: readonly ItemKey[]): Promise<void> {
  await sql`delete from queue_entry where ${isOneOf(items)}`.execute(trx);
}

export async function deleteOffers(trx: Transaction<DB>, items: readonly ItemKey[]): Promise<void> {
  await sql`delete from routing_offer where ${isOneOf(items)}`.execute(trx);
}

function isOneOf(items: readonly ItemKey[]): RawBuilder<unknown> {
  const [tenants, ids] = [items.map((item) => item.tenantId), items.map((item) => item.id)];
  return sql`(tenant_id, conversation_id) in (select * from unnest(${tenants}::uuid[], ${ids}::uuid[]))`;
}

/** Somebody has looked at what they got: it stays theirs. It locks no conversation. */
export async function openOffer(
  trx: Transaction<DB>,
  { conversationId, ...person }: Doer & { readonly conversationId: ConversationId },
): Promise<void> {
  const { tenantId, agentId } = person;
  const { rows } = await sql`
    delete from routing_offer
    where tenant_id = ${tenantId} and conversation_id = ${conversationId} and agent_id = ${agentId}
    returning conversation_id`.execute(trx);
  if (rows.length > 0)
    await sql`
      update agent_duty set unopened = 0
      where tenant_id = ${tenantId} and agent_id = ${agentId} and unopened > 0`.execute(trx);
  await noteActing(trx, [person]);
}

/** People did something: what they have not opened yet does not say that they are not there. What ends right now is left out. */
export async function noteActing(trx: Transaction<DB>, people: readonly Doer[]): Promise<void> {
  const [tenants, ids] = [people.map(({ tenantId }) => tenantId), people.map(({ agentId }) => agentId)];
  await sql`
    update routing_offer o set has_acted = true
    from (
      select tenant_id, conversation_id from routing_offer
      where (tenant_id, agent_id) in (select * from unnest(${tenants}::uuid[], ${ids}::uuid[])) and not has_acted
      for update skip locked
    ) free
    where o.tenant_id = free.tenant_id and o.conversation_id = free.conversation_id`.execute(trx);
}

/** Locks people in the order of their ids. */
export async function changeLoads(trx: Transaction<DB>, loads: readonly AgentLoad[]): Promise<void> {
  const rows = loads.map(({ tenantId, agentId, by, hasOpened }) => ({
    tenant_id: tenantId,
    agent_id: agentId,
    by,
    has_opened: hasOpened,
  }));
  await sql`
    with change as materialized (
      select * from json_to_recordset(${JSON.stringify(rows)}::json) as c (tenant_id uuid, agent_id uuid, by int, has_opened bool)
    ), locked as materialized (
      select d.tenant_id, d.agent_id from agent_duty d join change c on c.tenant_id = d.tenant_id and c.agent_id = d.agent_id
      where c.by <> 0 or d.unopened > 0
      order by d.tenant_id, d.agent_id for update of d
    )
    update agent_duty d
    set used = d.used + c.by, unopened = case when c.has_opened then 0 else d.unopened end
    from locked l join change c on c.tenant_id = l.tenant_id and c.agent_id = l.agent_id
    where d.tenant_id = l.tenant_id and d.agent_id = l.agent_id`.execute(trx);
}

/** Teams of people who can take more look at their queues. */
export async function wakeTeamsOf(
  trx: Transaction<DB>,
  agents: readonly { readonly tenantId: TenantId; readonly agentId: AgentId }[],
): Promise<void> {
  const [tenants, ids] = [agents.map(({ tenantId }) => tenantId), agents.map(({ agentId }) => agentId)];
  await sql`
    insert into routing_wake (tenant_id, team_id)
    select distinct m.tenant_id, m.team_id from team_member m
    join agent_duty d on d.tenant_id = m.tenant_id and d.agent_id = m.agent_id and d.is_on_duty
    where (m.tenant_id, m.agent_id) in (select * from unnest(${tenants}::uuid[], ${ids}::uuid[]))`.execute(trx);
}

/** Teams that somebody leaves and where nobody else is on duty: what waits there may find somebody in another one. */
export async function wakeTeamsLeftBy(
  trx: Transaction<DB>,
  { tenantId, agentId }: { readonly tenantId: TenantId; readonly agentId: AgentId },
): Promise<void> {
  await sql`
    insert into routing_wake (tenant_id, team_id)
    select m.tenant_id, m.team_id from team_member m
    where m.tenant_id = ${tenantId} and m.agent_id = ${agentId} and not exists (
      select from team_member o
      join agent_duty d on d.tenant_id = o.tenant_id and d.agent_id = o.agent_id and d.is_on_duty
      where o.tenant_id = m.tenant_id and o.team_id = m.team_id and o.agent_id <> m.agent_id)`.execute(trx);
}

export async function wakeTeams(trx: Transaction<DB>, tenantId: TenantId, teamIds: readonly string[]): Promise<void> {
  await sql`insert into routing_wake (tenant_id, team_id) select ${tenantId}, unnest(${teamIds}::uuid[])`.execute(trx);
}

/** What waits in these teams is placed anew. */
export async function placeAgain(
  trx: Transaction<DB>,
  tenantId: TenantId,
  teamIds: readonly string[],
  now: Date,
): Promise<void> {
  await sql`
    update queue_entry set due_at = ${now}
    where tenant_id = ${tenantId} and team_id = any(${teamIds}::uuid[])`.execute(trx);
}

/** What of these waits in a team is placed anew; they are locked in this transaction. */
export async function placeTheseAgain(trx: Transaction<DB>, items: readonly ItemKey[], now: Date): Promise<void> {
  await sql`update queue_entry set due_at = ${now} where team_id is not null and ${isOneOf(items)}`.execute(trx);
}

/** What waits in a team that everybody has left is placed anew, except what somebody else places or changes right now. */
export async function placeLeftBehind(
  trx: Transaction<DB>,
  { tenantId, teamId }: { readonly tenantId: TenantId; readonly teamId: TeamId },
  now: Date,
): Promise<void> {
  await sql`
    update queue_entry q set due_at = ${now}
    from (
      select tenant_id, conversation_id from queue_entry
      where tenant_id = ${tenantId} and team_id = ${teamId} order by conversation_id for update skip locked
    ) free
    where q.tenant_id = free.tenant_id and q.conversation_id = free.conversation_id`.execute(trx);
}

/** Until the transaction ends, nobody comes to the teams of the workspace: whoever places entries sees who is on duty. */
export async function nobodyComes(trx: Transaction<DB>, tenantId: TenantId): Promise<void> {
  await sql`select pg_advisory_xact_lock_shared(${comingKey(tenantId)})`.execute(trx);
}

function comingKey(tenantId: TenantId): RawBuilder<unknown> {
  return sql`hashtextextended(${`conversation coming ${tenantId}`}, 0)`;
}

/**
 * What waits without any team, or where nobody is on duty who may see it, is placed anew: somebody comes to another team,
 * which may be next in the chain. Whoever places entries right now does not see them yet: this waits for them, and keeps
 * others from placing until the transaction ends.
 */
export async function placeStranded(
  trx: Transaction<DB>,
  { tenantId, agentId }: { readonly tenantId: TenantId; readonly agentId: AgentId | null },
  now: Date,
): Promise<void> {
  await sql`select pg_advisory_xact_lock(${comingKey(tenantId)})`.execute(trx);
  await sql`
    update queue_entry q set due_at = ${now}
    where q.tenant_id = ${tenantId} and ${isPlaced(now)} and not exists (
      select from team_member m
      join agent_duty d on d.tenant_id = m.tenant_id and d.agent_id = m.agent_id
      join agent a on a.tenant_id = m.tenant_id and a.id = m.agent_id
      left join access_role r on r.tenant_id = a.tenant_id and r.id = a.access_role_id
      where m.tenant_id = q.tenant_id and m.team_id = q.team_id and (d.is_on_duty or m.agent_id = ${agentId})
        and (r.store_ids is null or exists (
          select from conversation c
          where c.tenant_id = q.tenant_id and c.id = q.conversation_id and c.account_id = any(r.store_ids))))`.execute(
    trx,
  );
}

/** It waits in a team, or for one: the time of the bot is over. */
function isPlaced(now: Date): RawBuilder<unknown> {
  return sql`(q.team_id is not null or q.reason <> 'new' or exists (
    select from routing r
    where r.tenant_id = q.tenant_id and q.entered_at + r.bot_wait_s * interval '1 second' <= ${now}::timestamptz))`;
}

/** All that waits is placed anew: what people may see has changed. What somebody else places or changes right now is left out. */
export async function placeAllAgain(trx: Transaction<DB>, tenantId: TenantId, now: Date): Promise<void> {
  await sql`
    update queue_entry q set due_at = ${now}
    from (
      select tenant_id, conversation_id from queue_entry q
      where tenant_id = ${tenantId} and ${isPlaced(now)} order by conversation_id for update skip locked
    ) free
    where q.tenant_id = free.tenant_id and q.conversation_id = free.conversation_id`.execute(trx);
}

/** The role of people was changed: what it does not include any more goes to others. */
export async function leaveStores(
  trx: Transaction<DB>,
  tenantId: TenantId,
  people: { readonly roleId: RoleId } | { readonly agentId: AgentId },
): Promise<void> {
  const isOne =
    'agentId' in people
      ? sql`agent_id = ${people.agentId}`
      : sql`agent_id in (select id from agent where tenant_id = ${tenantId} and access_role_id = ${people.roleId})`;
  await sql`
    update agent_duty set is_handing_over_stores = true where tenant_id = ${tenantId} and ${isOne}`.execute(trx);
}

/** Somebody's access ended: they take nothing more, and what they owe goes to others. */
export async function leaveDuty(
  trx: Transaction<DB>,
  { tenantId, id }: { readonly tenantId: TenantId; readonly id: AgentId },
): Promise<void> {
  await sql`
    update agent_duty set is_on_duty = false, is_handing_over = true, version = version + 1
    where tenant_id = ${tenantId} and agent_id = ${id}`.execute(trx);
  await wakeTeamsLeftBy(trx, { tenantId, agentId: id });
}
