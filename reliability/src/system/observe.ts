import { decodeEvent, topicNames, UnknownEvent } from '@crossdesk/contracts';
import { type AuditEntry, auditKeyOf, type AuditPlace, type Broker } from '@crossdesk/service-kit';
import { findWord } from '@crossdesk/standalone/support/find-word.ts';
import type { Client } from 'pg';
import type { LogRecord, Observations } from '../observations.ts';
import { consumers, services } from './consumers.ts';
import { keys } from './place.ts';
import { nameOfShop, type System } from './system.ts';
import { readTeamWork } from './observe-team.ts';
import { withClient } from './with-client.ts';

/** Every planted word begins with this, so that one search finds them all. */
export const canaryPrefix = 'canary-';

/** Reads everything that the system and the platforms hold, as an administrator. */
export async function observe(system: System, canaries: readonly string[]): Promise<Observations> {
  const progress = await observeProgress(system);
  const found = await findCanaries(system.databaseUrl, canaries);
  return withClient(system.databaseUrl, async (client) => ({
    ...(await readStores(client)),
    ...(await readTeamWork(client)),
    ...progress,
    canaries: found,
    executed: system.twin.journal().map(({ platform, externalAccountId, messageId, text }) => ({
      shop: nameOfShop(platform, externalAccountId),
      externalId: messageId,
      text,
    })),
    console: system.twin
      .threads()
      .flatMap(({ platform, externalAccountId, messages }) =>
        messages.flatMap(({ id, via }) =>
          via === 'console' ? [{ shop: nameOfShop(platform, externalAccountId), externalId: id }] : [],
        ),
      ),
  }));
}

/** Searches for all of them at once first, because usually there is none. */
async function findCanaries(databaseUrl: string, canaries: readonly string[]): Promise<Observations['canaries']> {
  if ((await findWord(databaseUrl, canaryPrefix)).length === 0) return [];
  const found: Observations['canaries'][number][] = [];
  for (const canary of canaries)
    found.push(...(await findWord(databaseUrl, canary)).map((place) => ({ canary, place })));
  return found;
}

/** What must hold at any moment, also right after a crash: the positions of consumers, and what they did. */
export async function observeProgress(
  system: System,
): Promise<Pick<Observations, 'log' | 'processed' | 'deadLetters' | 'groups'>> {
  // The order matters: what is before a position is done when it is read, and what is done is on the log.
  const groups = await readGroups(system.broker);
  const progress = { groups, ...(await withClient(system.databaseUrl, readDone)), log: await dumpLog(system.broker) };
  refuseUnknown(progress);
  return progress;
}

/** A consumer that is missing in consumers.ts would not be checked. */
function refuseUnknown({ processed, log }: Pick<Observations, 'processed' | 'log'>): void {
  const topicOf = new Map(log.map(({ eventId, topic }) => [eventId, topic]));
  for (const { consumer, eventId } of processed) {
    const topic = topicOf.get(eventId);
    if (consumers[consumer]?.some((name) => topic === undefined || name === topic) !== true)
      throw new Error(`${consumer} on ${topic} is missing in consumers.ts`);
  }
}

async function readGroups(broker: Broker): Promise<Observations['groups']> {
  const groups: Observations['groups'][number][] = [];
  for (const [consumer, topics] of Object.entries(consumers)) {
    for (const [topic, partitions] of Object.entries(await broker.committed(consumer, topics)))
      for (const [partition, next] of Object.entries(partitions))
        groups.push({ consumer, topic, partition: Number(partition), next: Number(next) });
  }
  return groups;
}

async function rows<Row>(client: Client, text: string): Promise<Row[]> {
  // The statement names the columns of the row.
  return (await client.query(text)).rows as Row[];
}

/** The ids that a statement finds. */
async function idsIn(client: Client, text: string): Promise<string[]> {
  return (await rows<{ id: string }>(client, text)).map(({ id }) => id);
}

async function readStores(client: Client) {
  const accounts = await rows<{ id: string; tenantId: string; channel: string; externalAccountId: string }>(
    client,
    `select id, tenant_id as "tenantId", channel, external_account_id as "externalAccountId" from ingest.channel_account`,
  );
  return {
    accounts: accounts.map(({ id, tenantId, channel, externalAccountId }) => ({
      id,
      tenantId,
      shop: nameOfShop(channel, externalAccountId),
    })),
    receipts: await rows<Observations['receipts'][number]>(
      client,
      `select address_id as "addressId", delivery_key as "deliveryKey" from ingest.webhook_receipt`,
    ),
    inbound: await rows<Observations['inbound'][number]>(
      client,
      `select account_id as "accountId", external_message_id as "externalId", message_id as "messageId",
         conversation_id as "conversationId" from ingest.inbound_message`,
    ),
    conversations: await rows<Observations['conversations'][number]>(
      client,
      `select tenant_id as "tenantId", id, account_id as "accountId", channel, state, unread_count as "unreadCount",
         phase, assignee_id as "assigneeId", team_id as "teamId", enquiry_type as "enquiryType"
       from conversation.conversation`,
    ),
    messages: await rows<Observations['messages'][number]>(
      client,
      `select m.tenant_id as "tenantId", m.conversation_id as "conversationId", c.account_id as "accountId", m.id,
         m.external_id as "externalId", m.direction, m.author, m.delivery_status as status, m.content ->> 'text' as text,
         coalesce(m.client_mutation_id like 'bulk:%', false) as "isBulk"
       from conversation.message m join conversation.conversation c on c.tenant_id = m.tenant_id and c.id = m.conversation_id
       order by m.conversation_id, m.occurred_at, m.thread_position, m.id`,
    ),
    forPeople: await idsIn(
      client,
      `select conversation_id as id from automation.turn where code in ('ANGRY', 'RISK', 'WANTS_PERSON')
       union select id from conversation.conversation where erased_at is not null`,
    ),
    analysed: await idsIn(client, `select message_id as id from automation.message_analysis`),
    linked: await idsIn(
      client,
      `select conversation_id as id from crm.conversation_link where customer_id is not null`,
    ),
    outbox: await readOutboxes(client),
    intents: await rows<Observations['intents'][number]>(
      client,
      `select message_id as "messageId", conversation_id as "conversationId", status, needs_person as "needsPerson",
         content ->> 'text' as text from ingest.delivery_intent`,
    ),
    erasures: await rows<Observations['erasures'][number]>(
      client,
      `select id, completed_at is not null as "isCompleted" from crm.erasure`,
    ),
    counters: await rows<Observations['counters'][number]>(
      client,
      `select tenant_id as "tenantId", account_id as "accountId", channel, state,
         phase, nullif(assignee_id, '00000000-0000-0000-0000-000000000000') as "assigneeId",
         nullif(team_id, '00000000-0000-0000-0000-000000000000') as "teamId", nullif(enquiry_type, '') as "enquiryType",
         conversation_count::int as conversations, unread_message_count::int as unread
       from analytics.inbox_counter where conversation_count <> 0 or unread_message_count <> 0`,
    ),
    audit: await readAudit(client),
  };
}

async function readOutboxes(client: Client): Promise<Observations['outbox']> {
  return rows<Observations['outbox'][number]>(
    client,
    services
      .map(
        (service) => `select '${service}' as service, seq::int, event_id as "eventId", tenant_id as "tenantId", topic,
          key::text, envelope ->> 'type' as type, (envelope ->> 'aggregateVersion')::int as version,
          envelope ->> 'occurredAt' as "occurredAt", published_at is not null as "isPublished", envelope -> 'data' as data
        from ${service}.outbox_event`,
      )
      .join(' union all ') + ' order by service, seq',
  );
}

/** Reads entries and heads in one statement, so that both are of the same moment. A missing head counts as an empty chain. */
async function readAudit(client: Client): Promise<Observations['audit']> {
  const found = await rows<{ service: string; head: AuditPlace; entry: Omit<AuditEntry, 'at'> & { at: string } }>(
    client,
    services
      .map(
        (service) => `select '${service}' as service, e.tenant_id, e.seq,
          json_build_object('tenantId', e.tenant_id, 'seq', coalesce(h.seq, 0), 'hash', coalesce(encode(h.hash, 'hex'), ''))
            as head,
          json_build_object('tenantId', e.tenant_id, 'seq', e.seq, 'at', e.at, 'actorKind', actor_kind, 'actorId', actor_id,
            'action', action, 'targetId', target_id, 'previousHash', encode(previous_hash, 'hex'),
            'hash', encode(e.hash, 'hex')) as entry
        from ${service}.audit_entry e left join ${service}.audit_head h using (tenant_id)`,
      )
      .join(' union all ') + ' order by service, tenant_id, seq',
  );
  const chains = Map.groupBy(found, ({ service, head }) => `${service} ${head.tenantId}`);
  return [...chains.values()].flatMap((chain) => {
    const [first] = chain;
    if (first === undefined) return [];
    const { service, head } = first;
    const entries = chain.map(({ entry }) => ({ ...entry, at: new Date(entry.at) }));
    return [{ service, key: auditKeyOf(keys, service).current, head, entries }];
  });
}

async function readDone(client: Client) {
  return {
    processed: await rows<Observations['processed'][number]>(
      client,
      services
        .map((service) => `select consumer, event_id as "eventId" from ${service}.consumed_event`)
        .join(' union all '),
    ),
    deadLetters: await rows<Observations['deadLetters'][number]>(
      client,
      services
        .map(
          (
            service,
          ) => `select consumer, event_id as "eventId", topic, key, reason, replayed_at is not null as "isReplayed"
            from ${service}.dead_letter`,
        )
        .join(' union all '),
    ),
  };
}

/** Reads every record of every topic through the port of the broker, so it works on each log. */
async function dumpLog(broker: Broker): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  const ends = new Map<string, bigint>();
  const from: Record<string, Record<number, bigint>> = {};
  for (const topic of topicNames) {
    const starts: Record<number, bigint> = {};
    for (const [partition, { earliest, next }] of await broker.bounds(topic)) {
      starts[partition] = earliest;
      if (next > earliest) ends.set(`${topic}/${partition}`, next);
    }
    from[topic] = starts;
  }
  if (ends.size === 0) return records;
  const done = Promise.withResolvers<void>();
  const tail = await broker.tail({ topics: topicNames, from, batchSizeMax: 2_000 }, async (batch) => {
    for (const { topic, partition, position, key, value } of batch.records) {
      records.push({ topic, partition, position: Number(position), key, ...eventIn(value) });
      const name = `${topic}/${partition}`;
      if ((ends.get(name) ?? 0n) <= position + 1n) ends.delete(name);
    }
    if (ends.size === 0) done.resolve();
  });
  await done.promise;
  await tail.stop();
  return records;
}

function eventIn(value: Uint8Array): { eventId: string | null; type: string | null } {
  try {
    const { id, type } = decodeEvent(value);
    return { eventId: id, type };
  } catch (error) {
    // The next version may have published a type that is unknown here: it is an event, too.
    const envelope = error instanceof UnknownEvent ? error.envelope : null;
    return { eventId: envelope?.id ?? null, type: envelope?.type ?? null };
  }
}
