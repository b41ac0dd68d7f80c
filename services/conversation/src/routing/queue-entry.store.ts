import type { AgentId, ConversationId, TeamId, TenantId } from '@crossdesk/contracts';
import { countRows, type Keyset } from '@crossdesk/service-kit';
import { sql, type Transaction } from 'kysely';
import { type Conversation } from '../conversation/conversation.domain.ts';
import { toConversation } from '../conversation/conversation.store.ts';
import type { DB, Row } from '../db.ts';
import type { Skill } from '../duty/skill.domain.ts';
import type { Stores } from './routing-rules.domain.ts';

export type QueueEntry = Row<'queue_entry'>;

/** The needs of an entry. */
export function needsOf({ needs }: Pick<QueueEntry, 'needs'>): Skill[] {
  return JSON.parse(needs) as Skill[];
}

/** Locks conversations that nobody else works on right now, in the order of their ids. */
export async function lockFree(
  trx: Transaction<DB>,
  keys: readonly { readonly tenant_id: TenantId; readonly conversation_id: ConversationId }[],
): Promise<Conversation[]> {
  if (keys.length === 0) return [];
  const [tenants, ids] = [keys.map((key) => key.tenant_id), keys.map((key) => key.conversation_id)];
  const { rows } = await sql<Row<'conversation'>>`
    select c.* from conversation c
    where (c.tenant_id, c.id) in (select * from unnest(${tenants}::uuid[], ${ids}::uuid[]))
    order by c.tenant_id, c.id for update skip locked`.execute(trx);
  return rows.map(toConversation);
}

/** Entries of conversations that are locked in this transaction. */
export async function entriesOf(trx: Transaction<DB>, conversations: readonly Conversation[]): Promise<QueueEntry[]> {
  if (conversations.length === 0) return [];
  const [tenants, ids] = [conversations.map((one) => one.tenantId), conversations.map((one) => one.id)];
  const { rows } = await sql<QueueEntry>`
    select * from queue_entry
    where (tenant_id, conversation_id) in (select * from unnest(${tenants}::uuid[], ${ids}::uuid[]))
    order by order_at, conversation_id`.execute(trx);
  return rows;
}

/** Which needs the entries of a team have. */
export async function needsInTeam(trx: Transaction<DB>, tenantId: TenantId, teamId: TeamId): Promise<string[]> {
  const { rows } = await sql<{ needs: string }>`
    with recursive found as (
      (select needs from queue_entry where tenant_id = ${tenantId} and team_id = ${teamId} order by needs limit 1)
      union all
      select (
        select q.needs from queue_entry q
        where q.tenant_id = ${tenantId} and q.team_id = ${teamId} and q.needs > found.needs order by q.needs limit 1)
      from found where found.needs is not null
    ) select needs from found where needs is not null`.execute(trx);
  return rows.map(({ needs }) => needs);
}

/** Which needs those entries have that wait in other teams, and that this one may take when they cannot. */
export async function needsElsewhere(trx: Transaction<DB>, tenantId: TenantId, teamId: TeamId): Promise<string[]> {
  const { rows } = await sql<{ needs: string }>`
    select distinct needs from queue_entry
    where tenant_id = ${tenantId} and spare_team_ids <> '{}' and ${teamId}::uuid = any(spare_team_ids)`.execute(trx);
  return rows.map(({ needs }) => needs);
}

/** What entries need, and the stores of which they are wanted. */
interface Wanted {
  readonly needs: string;
  readonly stores: Stores;
}

/**
 * The first entries that have one of these needs and are of one of its stores, and that wait in a team, or that it may take
 * from others.
 */
export async function headsOf(
  trx: Transaction<DB>,
  { tenantId, teamId }: { readonly tenantId: TenantId; readonly teamId: TeamId },
  { wanted, from }: { readonly wanted: readonly Wanted[]; readonly from: 'itself' | 'others' },
  limit: number,
): Promise<QueueEntry[]> {
  const isThere =
    from === 'itself'
      ? sql`q.team_id = ${teamId}`
      : sql`q.spare_team_ids <> '{}' and ${teamId}::uuid = any(q.spare_team_ids)`;
  const { rows } = await sql<QueueEntry>`
    select h.* from json_to_recordset(${JSON.stringify(wanted)}::json) as n (needs text, stores uuid[])
    cross join lateral (
      select q.* from queue_entry q
      where q.tenant_id = ${tenantId} and ${isThere} and q.needs = n.needs
        and (n.stores is null or exists (
          select from conversation c
          where c.tenant_id = q.tenant_id and c.id = q.conversation_id and c.account_id = any(n.stores)))
      order by q.order_at, q.conversation_id limit ${limit}
    ) h order by h.order_at, h.conversation_id limit ${limit}`.execute(trx);
  return rows;
}

/** Who wrote to each buyer last since a time, of the people of the workspace. */
export async function lastWritersOf(
  trx: Transaction<DB>,
  tenantId: TenantId,
  ids: readonly ConversationId[],
  since: Date,
): Promise<Map<ConversationId, AgentId>> {
  const { rows } = await sql<{ id: ConversationId; agent_id: AgentId }>`
    select c.id, m.agent_id from unnest(${ids}::uuid[]) as c (id)
    cross join lateral (
      select agent_id from message
      where tenant_id = ${tenantId} and conversation_id = c.id and author = 'agent' and occurred_at >= ${since}
      order by occurred_at desc, thread_position desc, id desc limit 1
    ) m where m.agent_id is not null`.execute(trx);
  return new Map(rows.map((row) => [row.id, row.agent_id]));
}

/** Deletes the wakes of a team that no other run has; false if there are none. */
export async function takeWakes(
  trx: Transaction<DB>,
  { tenantId, teamId }: { readonly tenantId: TenantId; readonly teamId: TeamId },
): Promise<boolean> {
  const { rows } = await sql`
    delete from routing_wake w using (
      select tenant_id, team_id, id from routing_wake
      where tenant_id = ${tenantId} and team_id = ${teamId} for update skip locked) t
    where w.tenant_id = t.tenant_id and w.team_id = t.team_id and w.id = t.id returning w.id`.execute(trx);
  return rows.length > 0;
}

/** Teams with a wake that no run has. */
export async function wokenTeams(
  trx: Transaction<DB>,
  limit: number,
): Promise<{ readonly tenantId: TenantId; readonly teamId: TeamId }[]> {
  const { rows } = await sql<{ tenant_id: TenantId; team_id: TeamId }>`
    select distinct tenant_id, team_id from (
      select tenant_id, team_id from routing_wake limit 1000 for update skip locked) w limit ${limit}`.execute(trx);
  return rows.map((row) => ({ tenantId: row.tenant_id, teamId: row.team_id }));
}

/** Writes where entries wait; their conversations are locked in this transaction. */
export async function placeEntries(trx: Transaction<DB>, entries: readonly QueueEntry[]): Promise<void> {
  if (entries.length === 0) return;
  await sql`
    update queue_entry q
    set team_id = n.team_id, spare_team_ids = n.spare_team_ids, needs = n.needs, due_at = n.due_at, excluded = n.excluded,
      rule = n.rule, customer_marks = n.customer_marks, is_team_chosen = n.is_team_chosen
    from json_populate_recordset(null::queue_entry, ${JSON.stringify(entries)}::json) n
    where q.tenant_id = n.tenant_id and q.conversation_id = n.conversation_id`.execute(trx);
}

export async function insertOffers(
  trx: Transaction<DB>,
  offers: readonly {
    readonly tenantId: TenantId;
    readonly conversationId: ConversationId;
    readonly agentId: AgentId;
  }[],
  { offeredAt, openUntil }: { readonly offeredAt: Date; readonly openUntil: Date },
): Promise<void> {
  if (offers.length === 0) return;
  await sql`
    insert into routing_offer (tenant_id, conversation_id, agent_id, offered_at, open_until)
    select tenant_id, conversation_id, agent_id, ${offeredAt}, ${openUntil}
    from unnest(${offers.map((one) => one.tenantId)}::uuid[], ${offers.map((one) => one.conversationId)}::uuid[],
      ${offers.map((one) => one.agentId)}::uuid[]) as o (tenant_id, conversation_id, agent_id)
    on conflict (tenant_id, conversation_id) do update
      set agent_id = excluded.agent_id, offered_at = excluded.offered_at, open_until = excluded.open_until,
        has_acted = false`.execute(trx);
}

export async function entriesByIds(
  trx: Transaction<DB>,
  tenantId: TenantId,
  ids: readonly ConversationId[],
): Promise<Map<ConversationId, QueueEntry>> {
  const rows = await trx
    .selectFrom('queue_entry')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where(sql<boolean>`conversation_id = any(${ids}::uuid[])`)
    .execute();
  return new Map(rows.map((row) => [row.conversation_id, row]));
}

interface QueuePage {
  readonly teamId: TeamId | null;
  readonly first: number;
  readonly after: Keyset | null;
}

/** Reads one row more than a page, so that the caller sees whether there is a next page. */
export async function listQueue(
  trx: Transaction<DB>,
  tenantId: TenantId,
  { teamId, first, after }: QueuePage,
): Promise<QueueEntry[]> {
  const { rows } = await sql<QueueEntry>`
    select * from queue_entry
    where tenant_id = ${tenantId} ${ofTeam(teamId)}
      ${after === null ? sql`` : sql`and (order_at, conversation_id) > (${after.at}::timestamptz, ${after.id}::uuid)`}
    order by order_at, conversation_id limit ${first + 1}`.execute(trx);
  return rows;
}

export function countQueue(trx: Transaction<DB>, tenantId: TenantId, teamId: TeamId | null): Promise<number> {
  return countRows(trx, sql`select 1 from queue_entry where tenant_id = ${tenantId} ${ofTeam(teamId)}`);
}

function ofTeam(teamId: TeamId | null) {
  return teamId === null ? sql`` : sql`and team_id = ${teamId}`;
}
