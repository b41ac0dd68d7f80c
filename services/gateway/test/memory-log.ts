import {
  type AgentId,
  type AnyEvent,
  type ChannelAccountId,
  type ConversationId,
  type EventId,
  type MessageId,
  newId,
  type NoteId,
  type TenantId,
  topics,
} from '@crossdesk/contracts';
import type { Broker, IncomingRecord, OnBatch, Tail } from '@crossdesk/service-kit';
import { anEvent } from '@crossdesk/testkit';

const topic = 'conversation.conversation';
const partitionCount = topics[topic].partitions;

export interface InboxFact {
  readonly tenantId: TenantId;
  readonly conversationId: ConversationId;
  readonly type?: 'conversation.message-added' | 'conversation.note-added' | 'conversation.reply-requested';
}

interface Reader {
  wake(): void;
}

/** The log in memory: every tail reads at its own pace, in order per partition, in batches. */
export function createMemoryLog() {
  const partitions = Array.from({ length: partitionCount }, (): IncomingRecord[] => []);
  const earliest = Array<bigint>(partitionCount).fill(0n);
  const readers = new Set<Reader>();

  const broker: Pick<Broker, 'tail' | 'bounds'> = {
    async bounds() {
      return new Map(
        partitions.map((records, partition) => [
          partition,
          { earliest: earliest[partition] ?? 0n, next: BigInt(records.length) },
        ]),
      );
    },
    async tail(spec, onBatch) {
      const stopping = new AbortController();
      const reading = readOn(spec, onBatch, stopping.signal);
      return {
        problem: () => null,
        async stop() {
          stopping.abort();
          for (const reader of readers) reader.wake();
          await reading;
        },
      };
    },
  };

  async function readOn({ from, batchSizeMax }: Tail, onBatch: OnBatch, signal: AbortSignal): Promise<void> {
    const places = partitions.map((_, partition) => Number(from[topic]?.[partition] ?? 0n));
    let changed = Promise.withResolvers<void>();
    const reader = {
      wake: () => {
        changed.resolve();
        changed = Promise.withResolvers();
      },
    };
    readers.add(reader);
    while (!signal.aborted) {
      const { promise } = changed;
      let wasIdle = true;
      for (const [partition, records] of partitions.entries()) {
        const place = places[partition] ?? 0;
        const batch = records.slice(place, place + Math.min(batchSizeMax, 17));
        if (batch.length === 0 || signal.aborted) continue;
        wasIdle = false;
        await onBatch({ topic, partition, records: batch, signal, heartbeat: async () => undefined });
        places[partition] = place + batch.length;
      }
      if (wasIdle && !signal.aborted) await promise;
    }
    readers.delete(reader);
  }

  /** Appends raw bytes to a partition. */
  function append(partition: number, value: Uint8Array): bigint {
    const position = BigInt(partitions[partition]?.length ?? 0);
    partitions[partition]?.push({ topic, partition, position, key: '', value, headers: {} });
    for (const reader of readers) reader.wake();
    return position;
  }

  return {
    broker,
    append,
    publish(partition: number, fact: InboxFact): EventId {
      const event = factEvent(fact);
      append(partition, Buffer.from(JSON.stringify(event)));
      return event.id;
    },
    /** As a relay does that died before it marked what it had published: the latest record comes again. */
    repeat(partition: number): void {
      const last = partitions[partition]?.at(-1);
      if (last !== undefined) append(partition, last.value);
    },
    /** As retention does: positions before this are gone. */
    forgetBefore(partition: number, position: bigint): void {
      earliest[partition] = position;
    },
    readerCount: () => readers.size,
  };
}

/** An event of the conversation topic as its owner writes it. */
export function factEvent({ tenantId, conversationId, type = 'conversation.message-added' }: InboxFact): AnyEvent {
  const at = '2026-01-02T03:04:05.678Z';
  const of = { tenantId, aggregateId: conversationId };
  const accountId = newId<ChannelAccountId>();
  const conversation = {
    conversationId,
    accountId,
    channel: 'shopee',
    state: 'unread',
    assigneeId: null,
    unreadCount: 1,
    waitingSince: at,
    lastMessageAt: at,
  } as const;
  const said = {
    messageId: newId<MessageId>(),
    direction: 'inbound',
    author: 'buyer',
    kind: 'text',
    text: 'hi',
  } as const;
  const content = { kind: 'text', text: 'hello' } as const;
  const asked = { conversationId, messageId: newId<MessageId>(), accountId, content, lastInboundAt: null };
  switch (type) {
    case 'conversation.message-added':
      return anEvent(type, { conversation, ...said }, of);
    case 'conversation.note-added':
      return anEvent(type, { conversation, noteId: newId<NoteId>(), agentId: newId<AgentId>() }, of);
    case 'conversation.reply-requested':
      return anEvent(type, asked, of);
  }
}
