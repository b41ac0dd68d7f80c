import { type AgentId, newId, type NoteId, type TenantId } from '@crossdesk/contracts';
import { causedBySystem, type ServiceRuntime } from '@crossdesk/service-kit';
import { sql, type Transaction } from 'kysely';
import { agentsByIds } from '../agent/agent.store.ts';
import { type Conversation, touched } from '../conversation/conversation.domain.ts';
import { aggregateOf, toConversation } from '../conversation/conversation.store.ts';
import { type ConversationChange, saveChanges } from '../conversation/save-changes.ts';
import type { DB, Row } from '../db.ts';
import { noteAdded } from '../note/note.events.ts';
import { insertNote } from '../note/note.store.ts';
import { queueNow } from '../queue/queue.store.ts';
import { released } from './released.ts';
import { summarise } from './summarise.domain.ts';

type Deps = Pick<ServiceRuntime<DB>, 'outbox' | 'clock'>;
interface Leaver {
  readonly tenantId: TenantId;
  readonly agentId: AgentId;
  /** They have left; else their role was changed. */
  readonly hasLeft: boolean;
}

/** People who have left, or whose role was changed, and have something still that goes to others. */
export async function claimLeavers(trx: Transaction<DB>, limit: number): Promise<Leaver[]> {
  const { rows } = await sql<Row<'agent_duty'>>`
    select * from agent_duty where is_handing_over or is_handing_over_stores
    order by since limit ${limit} for update skip locked`.execute(trx);
  return rows.map((row) => ({ tenantId: row.tenant_id, agentId: row.agent_id, hasLeft: row.is_handing_over }));
}

const batchMax = 50;

/**
 * Gives to others what a person who has left owes, or what the role of a person does not include any more, each with a note
 * about where it stands. In batches, so that nothing is locked for long; the mark on the person stays until a batch finds
 * nothing.
 */
export async function handOver(deps: Deps, trx: Transaction<DB>, leaver: Leaver): Promise<void> {
  const { tenantId, agentId, hasLeft } = leaver;
  const { rows } = await sql<Row<'conversation'>>`
    select c.* from conversation c
    where c.tenant_id = ${tenantId} and c.assignee_id = ${agentId} and ${hasLeft ? isOwed : isOutOfRole}
    order by c.id limit ${batchMax} for update of c`.execute(trx);
  if (rows.length === 0) return settle(trx, leaver);
  const person = (await agentsByIds(trx, tenantId, [agentId])).get(agentId);
  const changes: ConversationChange[] = [];
  for (const before of rows.map(toConversation)) {
    changes.push(...(await leave(deps, trx, before, beginningOf(leaver, person?.displayName ?? ''))));
  }
  await saveChanges(deps, trx, changes);
  const last = new Map(changes.map(({ after }) => [after.id, after]));
  const queued = [...last.values()].map((item) => ({ item, notFor: null }));
  await queueNow(trx, queued, { reason: hasLeft ? 'shift-ended' : 'role-changed', now: deps.clock.now() });
}

const isOwed = sql`c.state <> 'handled' and c.phase = 'open'`;
/** Also what is handled or closed: the buyer may write again, and whoever has it would not see it. */
const isOutOfRole = sql`c.phase <> 'merged' and exists (
  select from agent a join access_role r on r.tenant_id = a.tenant_id and r.id = a.access_role_id
  where a.tenant_id = c.tenant_id and a.id = c.assignee_id and r.store_ids is not null
    and c.account_id <> all(r.store_ids))`;

async function settle(trx: Transaction<DB>, { tenantId, agentId, hasLeft }: Leaver): Promise<void> {
  const done = hasLeft
    ? sql`is_handing_over = false where not is_on_duty and`
    : sql`is_handing_over_stores = false where`;
  await sql`update agent_duty set ${done} tenant_id = ${tenantId} and agent_id = ${agentId}`.execute(trx);
}

function beginningOf({ hasLeft }: Leaver, name: string): string {
  return hasLeft
    ? `Handed over at the end of the shift of ${name}.`
    : `Handed over because the role of ${name} does not include this store any more.`;
}

/** A conversation is taken from whoever had it, and a note says where it stands if something is owed. */
async function leave(
  { clock }: Deps,
  trx: Transaction<DB>,
  before: Conversation,
  beginning: string,
): Promise<ConversationChange[]> {
  const now = clock.now();
  const origin = causedBySystem();
  const change = released(before, origin);
  if (before.state === 'handled') return [change];
  const after = touched(change.after);
  const text = summarise(before, beginning, now);
  const common = { tenantId: before.tenantId, conversationId: before.id, agentId: null, mentionedIds: [] };
  const note = { ...common, id: newId<NoteId>(), text };
  await insertNote(trx, { ...note, createdAt: now });
  const told = { aggregate: aggregateOf(after), conversation: after, origin };
  return [change, { before: change.after, after, events: [noteAdded(told, note)] }];
}
