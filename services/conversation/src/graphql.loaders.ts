import type { AgentId, ConversationId, MessageId } from '@crossdesk/contracts';
import { type RequestContext, type ServiceRuntime, signedIn } from '@crossdesk/service-kit';
import DataLoader from 'dataloader';
import type { Transaction } from 'kysely';
import { type Agent, agentsByIds } from './agent/agent.store.ts';
import type { Conversation } from './conversation/conversation.domain.ts';
import { conversationsByIds } from './conversation/conversation.store.ts';
import { type Note, notesOf } from './note/note.store.ts';
import type { DB } from './db.ts';
import type { Message } from './message/message.domain.ts';
import { type MessagePage, messagePages, messagesByIds } from './message/message.store.ts';

/** The loaders of one operation: entities that several fields need are read with one statement per kind. */
export interface Loaders {
  readonly agents: DataLoader<AgentId, Agent | null>;
  readonly conversations: DataLoader<ConversationId, Conversation | null>;
  readonly messages: DataLoader<MessageId, Message | null>;
  readonly notes: DataLoader<ConversationId, readonly Note[]>;
  /** Pages of messages by conversation; fields with equal arguments share a statement. */
  messagePages(page: MessagePage): DataLoader<ConversationId, readonly Message[]>;
}

/** Loads a row that must exist, by a foreign key or a reference of our own. */
export async function loadPresent<Id, Value>(loader: DataLoader<Id, Value | null>, id: Id): Promise<Value> {
  const value = await loader.load(id);
  if (value === null) throw new Error('a row refers to another that does not exist');
  return value;
}

export function createLoaders({ db }: Pick<ServiceRuntime<DB>, 'db'>, request: RequestContext): Loaders {
  type Read<Id, Value> = (trx: Transaction<DB>, ids: readonly Id[]) => Promise<Map<Id, Value>>;

  function loader<Id extends string, Value>(read: Read<Id, Value>, absent: Value) {
    return new DataLoader<Id, Value>(async (ids) => {
      const found = await db.forTenant(signedIn(request).tenantId, (trx) => read(trx, ids));
      return ids.map((id) => found.get(id) ?? absent);
    });
  }

  const tenantId = () => signedIn(request).tenantId;
  const pageLoaders = new Map<string, DataLoader<ConversationId, readonly Message[]>>();
  return {
    agents: loader<AgentId, Agent | null>((trx, ids) => agentsByIds(trx, tenantId(), ids), null),
    conversations: loader<ConversationId, Conversation | null>(
      (trx, ids) => conversationsByIds(trx, tenantId(), ids),
      null,
    ),
    messages: loader<MessageId, Message | null>((trx, ids) => messagesByIds(trx, tenantId(), ids), null),
    notes: loader<ConversationId, readonly Note[]>((trx, ids) => notesOf(trx, tenantId(), ids), []),
    messagePages(page) {
      const key = JSON.stringify(page);
      const known =
        pageLoaders.get(key) ??
        loader<ConversationId, readonly Message[]>((trx, ids) => messagePages(trx, tenantId(), ids, page), []);
      pageLoaders.set(key, known);
      return known;
    },
  };
}
