import { causedBySystem, type ServiceRuntime } from '@crossdesk/service-kit';
import type { TenantId } from '@crossdesk/contracts';
import { sql, type Transaction } from 'kysely';
import { type Conversation, moveToTeam } from '../conversation/conversation.domain.ts';
import { conversationChanged } from '../conversation/conversation.events.ts';
import { aggregateOf } from '../conversation/conversation.store.ts';
import { type ConversationChange, saveChanges } from '../conversation/save-changes.ts';
import type { DB } from '../db.ts';
import { deleteEntries, nobodyComes, wakeTeams } from '../queue/queue.store.ts';
import { isQueued } from '../queue/queue.domain.ts';
import { entriesOf, lockFree, placeEntries, type QueueEntry } from './queue-entry.store.ts';
import { chosenBy, knownCustomers } from './known-customers.ts';
import { place, type Placement } from './routing-rules.domain.ts';
import { readRouting, readTeams } from './routing.store.ts';

type Deps = Pick<ServiceRuntime<DB>, 'outbox' | 'clock'>;

/** Gives entries that are due their team and needs, and returns them. */
export async function placeDue(deps: Deps, trx: Transaction<DB>, limit: number): Promise<QueueEntry[]> {
  const now = deps.clock.now();
  const { rows: due } = await sql<QueueEntry>`
    select * from queue_entry where due_at <= ${now} order by due_at limit ${limit}`.execute(trx);
  const conversations = await lockFree(trx, due);
  const entries = (await entriesOf(trx, conversations)).filter(({ due_at }) => due_at !== null && due_at <= now);
  for (const [tenantId, own] of Map.groupBy(entries, (entry) => entry.tenant_id)) {
    const theirs = conversations.filter((one) => one.tenantId === tenantId);
    await placeOf(deps, trx, tenantId, own, new Map(theirs.map((one) => [one.id, one])));
  }
  return entries;
}

async function placeOf(
  deps: Deps,
  trx: Transaction<DB>,
  tenantId: TenantId,
  entries: readonly QueueEntry[],
  conversations: ReadonlyMap<string, Conversation>,
): Promise<void> {
  const now = deps.clock.now();
  await nobodyComes(trx, tenantId);
  const [{ rules, isOn }, teams] = [await readRouting(trx, tenantId), await readTeams(trx, tenantId)];
  const customers = await knownCustomers(
    trx,
    tenantId,
    rules,
    entries.map((entry) => entry.conversation_id),
  );
  const gone: Conversation[] = [];
  const placed: QueueEntry[] = [];
  const changes: ConversationChange[] = [];
  for (const entry of entries) {
    const before = conversations.get(entry.conversation_id);
    if (before === undefined) continue;
    if (!isOn || !isQueued(before)) {
      gone.push(before);
      continue;
    }
    const facts = { ...before, marks: customers.marksOf(before.id), chosenBy: chosenBy(entry, before) };
    const found = place(facts, { rules, teams, enteredAt: entry.entered_at, now });
    const isTeamChosen = facts.chosenBy !== null || before.teamId !== found?.teamId;
    const next = placedEntry(entry, { found, isTeamChosen, isAwaited: customers.isAwaited(before.id) }, now);
    placed.push(next);
    const after = next.team_id === null ? before : moveToTeam(before, next.team_id);
    if (after !== before) changes.push({ before, after, events: [teamChanged(after)] });
  }
  await placeEntries(trx, placed);
  await deleteEntries(trx, gone);
  await saveChanges(deps, trx, changes);
  // Whoever comes to the others later wakes them.
  const placedIn = new Set(placed.flatMap(({ team_id, spare_team_ids }) => [team_id ?? [], spare_team_ids].flat()));
  await wakeTeams(
    trx,
    tenantId,
    [...placedIn].filter((id) => teams.onDuty.has(id)),
  );
}

/** Without any team it is looked at again after this time, or when the routing is saved. */
const retryMs = 60_000;

/** Rules ask for a customer, and nobody has told yet who that is: it is looked at again after this time. */
const awaitedMs = 5_000;

interface Placing {
  readonly found: Placement | null;
  /** Whether the team is the queue's own choice. */
  readonly isTeamChosen: boolean;
  readonly isAwaited: boolean;
}

function placedEntry(entry: QueueEntry, { found, isTeamChosen, isAwaited }: Placing, now: Date): QueueEntry {
  const nowhere = { team_id: null, spare_team_ids: [], rule: null, customer_marks: null, is_team_chosen: false };
  if (found === null) return { ...entry, ...nowhere, due_at: new Date(now.getTime() + retryMs) };
  const excluded = entry.excluded.filter(({ until }) => new Date(until) > now);
  const again = isAwaited ? new Date(now.getTime() + awaitedMs) : null;
  const next = [found.relaxesAt, again, ...excluded.map(({ until }) => new Date(until))].filter((at) => at !== null);
  return {
    ...entry,
    team_id: found.teamId,
    spare_team_ids: [...found.spareTeamIds],
    needs: JSON.stringify(found.needs),
    rule: found.rule,
    customer_marks: found.customerMarks,
    is_team_chosen: isTeamChosen,
    due_at: next.length === 0 ? null : new Date(Math.min(...next.map((at) => at.getTime()))),
    excluded,
  };
}

function teamChanged(conversation: Conversation) {
  const origin = causedBySystem();
  return conversationChanged(
    { aggregate: aggregateOf(conversation), conversation, origin },
    'team',
    conversation.state,
  );
}
