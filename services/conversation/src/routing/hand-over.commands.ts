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
}

/** People who have left, and owe something still. */
export async function claimLeavers(trx: Transaction<DB>, limit: number): Promise<Leaver[]> {
  const { rows } = await sql<Row<'agent_duty'>>`
    select * from agent_duty where is_handing_over order by since limit ${limit} for update skip locked`.execute(trx);
  return rows.map((row) => ({ tenantId: row.tenant_id, agentId: row.agent_id }));
}

const batchMax = 50;

/**
 * Gives what a person owes to others, each with a note about where it stands. In batches, so that nothing is locked for
 * long; the mark on the person stays until a batch finds nothing.
 */
export async function handOver(deps: Deps, trx: Transaction<DB>, { tenantId, agentId }: Leaver): Promise<void> {
  const { rows } = await sql<Row<'conversation'>>`
    select * from conversation
    where tenant_id = ${tenantId} and assignee_id = ${agentId} and state <> 'handled' and phase = 'open'
    order by id limit ${batchMax} for update`.execute(trx);
  if (rows.length === 0) {
    await sql`
      update agent_duty set is_handing_over = false
      where tenant_id = ${tenantId} and agent_id = ${agentId} and not is_on_duty`.execute(trx);
    return;
  }
  const leaver = (await agentsByIds(trx, tenantId, [agentId])).get(agentId);
  const changes: ConversationChange[] = [];
  for (const before of rows.map(toConversation)) {
    changes.push(...(await leave(deps, trx, before, leaver?.displayName ?? '')));
  }
  await saveChanges(deps, trx, changes);
  const last = new Map(changes.map(({ after }) => [after.id, after]));
  const queued = [...last.values()].map((item) => ({ item, notFor: null }));
  await queueNow(trx, queued, { reason: 'shift-ended', now: deps.clock.now() });
}

/** A conversation is taken from whoever leaves, and a note says where it stands. */
async function leave(
  { clock }: Deps,
  trx: Transaction<DB>,
  before: Conversation,
  name: string,
): Promise<ConversationChange[]> {
  const now = clock.now();
  const origin = causedBySystem();
  const change = released(before, origin);
  const after = touched(change.after);
  const text = summarise(before, name, now);
  const common = { tenantId: before.tenantId, conversationId: before.id, agentId: null, mentionedIds: [] };
  const note = { ...common, id: newId<NoteId>(), text };
  await insertNote(trx, { ...note, createdAt: now });
  const told = { aggregate: aggregateOf(after), conversation: after, origin };
  return [change, { before: change.after, after, events: [noteAdded(told, note)] }];
}
