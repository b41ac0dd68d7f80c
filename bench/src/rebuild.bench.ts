import { inboxProjection } from '@crossdesk/analytics';
import { newId, type TenantId } from '@crossdesk/contracts';
import { rebuildProjection } from '@crossdesk/service-kit';
import type { Figure } from './figures.ts';
import { startSystem } from './system.ts';

const conversations = 20_000;
const changes = 10;

/** How fast a projection is rebuilt from the history of its owner: ten changes of each of 20,000 conversations. */
export async function benchRebuild(): Promise<Figure[]> {
  const system = await startSystem();
  try {
    const { databaseUrl, ingest } = system.standalone;
    await system.database.query(history, [newId<TenantId>(), conversations, changes]);
    await system.database.query('analyze conversation.outbox_event');
    const startedAt = performance.now();
    const { eventCount, lockedMs } = await rebuildProjection(
      { databaseUrl, historyDatabaseUrl: databaseUrl, keys: ingest.runtime.keys },
      inboxProjection,
    );
    const perSecond = eventCount / ((performance.now() - startedAt) / 1_000);
    return [
      {
        name: 'rebuild of the inbox counters from the history',
        value: perSecond,
        unit: 'events/s',
        target: '>= 10,000',
        isReached: perSecond >= 10_000,
        detail: `${eventCount} events; live consumption waited ${(lockedMs / 1_000).toFixed(1)} s`,
      },
    ];
  } finally {
    await system.stop();
  }
}

/** A published history as the conversation service leaves it, written by the database itself. */
const history = `
  with conversation as (
    select gen_random_uuid() as id, (array['shopee', 'tiktok-shop', 'whatsapp', 'generic'])[1 + n % 4] as channel
    from generate_series(1, $2::int) n
  ), account as (
    select gen_random_uuid() as id
  ), event as (
    select uuidv7() as id, v, c.id as conversation_id, c.channel, a.id as account_id
    from generate_series(1, $3::int) v cross join conversation c cross join account a
  )
  insert into conversation.outbox_event (event_id, tenant_id, topic, key, envelope, published_at)
  select e.id, $1, 'conversation.conversation', e.conversation_id, jsonb_build_object(
      'id', e.id, 'type', 'conversation.changed', 'version', 1, 'source', 'conversation', 'tenantId', $1::uuid,
      'aggregateId', e.conversation_id, 'aggregateVersion', e.v, 'occurredAt', t.at, 'receivedAt', t.at, 'recordedAt', t.at,
      'actor', jsonb_build_object('kind', 'system', 'id', null), 'correlationId', e.id, 'causationId', null, 'causationDepth', 0,
      'data', jsonb_build_object('change', 'state', 'previousState', 'pending', 'conversation', jsonb_build_object(
        'conversationId', e.conversation_id, 'accountId', e.account_id, 'channel', e.channel,
        'state', (array['unread', 'pending', 'handled', 'transferred'])[1 + e.v % 4],
        'assigneeId', null, 'unreadCount', e.v % 3, 'waitingSince', null, 'lastMessageAt', t.at))
    ), now()
  from event e
  cross join (select to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at) t
  order by e.v`;
