import type { Client } from 'pg';
import type { Observations } from '../observations.ts';

type TeamWork = Pick<Observations, 'waitsInVain' | 'routed' | 'clocks' | 'bulkItems' | 'erasedConversations'>;

async function rows<Row>(client: Client, text: string): Promise<Row[]> {
  // The statement names the columns of the row.
  return (await client.query(text)).rows as Row[];
}

/** What the queue, the clocks and the bulk jobs of the conversation service hold. */
export async function readTeamWork(client: Client): Promise<TeamWork> {
  return {
    // While a wake is pending, somebody will look. What needs a skill is left out: the load asks for none.
    waitsInVain: await rows(
      client,
      `select distinct on (q.conversation_id) q.conversation_id as "conversationId", d.agent_id as "agentId"
       from conversation.queue_entry q
       join conversation.team_member m on m.tenant_id = q.tenant_id
         and (m.team_id = q.team_id or m.team_id = any(q.spare_team_ids) or (q.team_id is null and q.due_at <= now()))
       join conversation.agent_duty d on d.tenant_id = m.tenant_id and d.agent_id = m.agent_id
       where d.is_on_duty and d.used + 1 <= d.capacity and q.needs = '[]'
         and not exists (select from jsonb_array_elements(q.excluded) e
           where e ->> 'agentId' = d.agent_id::text and (e ->> 'until')::timestamptz > now())
         and not exists (select from conversation.routing_wake w where w.tenant_id = q.tenant_id)`,
    ),
    routed: await rows(
      client,
      `select r.conversation_id as "conversationId", r.agent_id as "agentId", r.strategy,
         (t ->> 'used')::int as used, (t ->> 'capacity')::int as capacity
       from conversation.routing_record r, jsonb_array_elements(r.trace) t where t ->> 'agentId' = r.agent_id::text`,
    ),
    clocks: await rows(
      client,
      `select c ->> 'id' as id, c -> 'told' as told, c ->> 'breachedAt' is not null as "isBreached"
       from conversation.sla_state s, jsonb_array_elements(s.clocks) c`,
    ),
    bulkItems: await rows(
      client,
      `select i.job_id as "jobId", i.conversation_id as "conversationId", i.outcome, count(m.id)::int as messages
       from conversation.bulk_item i
       left join conversation.message m on m.tenant_id = i.tenant_id and m.client_mutation_id = 'bulk:' || i.job_id || ':' || i.seq
       group by i.job_id, i.seq, i.conversation_id, i.outcome`,
    ),
    erasedConversations: (
      await rows<{ id: string }>(client, `select id from conversation.conversation where erased_at is not null`)
    ).map(({ id }) => id),
  };
}
