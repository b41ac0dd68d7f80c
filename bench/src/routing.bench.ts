import type { Client } from 'pg';
import { type Figure } from './figures.ts';
import { type BenchSystem, startSystem } from './system.ts';

const waiting = 10_000;
const people = 50;

/** A backlog is given to a team that comes on duty at once, through the router of a running system. */
export async function benchRouting(): Promise<Figure[]> {
  const system = await startSystem();
  try {
    const agentId = await seed(system.database);
    const startedAt = performance.now();
    // A change of what somebody can have is what wakes the router.
    await system.ask(
      'mutation ($id: ID!) { setAgentCapacity(input: { agentId: $id, capacity: 1000 }) { errors { code } } }',
      { id: agentId },
    );
    await untilEmpty(system);
    const rate = waiting / ((performance.now() - startedAt) / 1_000);
    const spread = await spreadOf(system.database);
    return [
      {
        name: 'routing: assignments of a backlog of 10,000 to 50 people',
        value: rate,
        unit: '/s',
        target: '>= 1000',
        isReached: rate >= 1_000,
      },
      {
        name: 'routing: most minus least that one of them got',
        value: spread,
        unit: '',
        target: '<= 1',
        isReached: spread <= 1,
      },
    ];
  } finally {
    await system.stop();
  }
}

/** Conversations that wait in one team, and its people; returns one of them. */
async function seed(database: Client): Promise<string> {
  await database.query('set search_path to conversation');
  const { rows } = await database.query<{ id: string }>(
    `with w as materialized (select tenant_id from workspace limit 1), t as (
       insert into team (tenant_id, id, name, folded_name, version, created_at)
       select tenant_id, gen_random_uuid(), 'Desk', 'desk', 1, now() from w returning tenant_id, id
     ), a as (
       insert into agent (tenant_id, id, kind, display_name, role, is_active, created_at, version, token_epoch)
       select tenant_id, gen_random_uuid(), 'person', 'Person ' || i, 'agent', true, now(), 1, 1 from w, generate_series(1, $1) i
       returning tenant_id, id
     ), d as (
       insert into agent_duty (tenant_id, agent_id, is_on_duty, since, capacity) select tenant_id, id, true, now(), 999 from a
     ), m as (
       insert into team_member (tenant_id, team_id, agent_id) select a.tenant_id, t.id, a.id from a, t
     ), r as (
       insert into routing (tenant_id, is_on, rules, bot_wait_s, open_within_s, sticky_days, version, changed_at)
       select tenant_id, true, '[]', 0, 86400, 14, 1, now() from w
     ), c as (
       insert into conversation (tenant_id, id, number, account_id, channel, external_thread_id, state, unread_count, waiting_since,
         last_message_at, version, revision, created_at)
       select tenant_id, gen_random_uuid(), 1000000 + i, gen_random_uuid(), 'shopee', 'waiting-' || i, 'unread', 1, now(), now(), 1, 1, now()
       from w, generate_series(1, $2) i returning tenant_id, id, waiting_since
     ), q as (
       insert into queue_entry (tenant_id, conversation_id, team_id, order_at, waiting_since, entered_at, reason)
       select c.tenant_id, c.id, t.id, waiting_since, waiting_since, now(), 'new' from c, t
     ) select id from a limit 1`,
    [people, waiting],
  );
  await database.query('analyze');
  const [person] = rows;
  if (person === undefined) throw new Error('nobody was made: does the system have a workspace?');
  return person.id;
}

async function untilEmpty({ database }: BenchSystem): Promise<void> {
  for (;;) {
    const { rows } = await database.query<{ left: boolean }>('select exists (select from queue_entry) as left');
    if (rows[0]?.left === false) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function spreadOf(database: Client): Promise<number> {
  const { rows } = await database.query<{ spread: number }>(
    'select max(used) - min(used) as spread from agent_duty where is_on_duty',
  );
  return rows[0]?.spread ?? Number.NaN;
}
