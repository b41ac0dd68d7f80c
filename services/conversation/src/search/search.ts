import type { ConversationId, MessageId, NoteId, TenantId } from '@crossdesk/contracts';
import type { Database, Loaders } from '@crossdesk/service-kit';
import type { Conversation } from '../conversation/conversation.domain.ts';
import { conversationsByIds } from '../conversation/conversation.store.ts';
import type { DB } from '../db.ts';
import { latestContent } from '../message/message-change.domain.ts';
import type { Message } from '../message/message.domain.ts';
import { messagesByIds } from '../message/message.store.ts';
import { type Note, notesByIds } from '../note/note.store.ts';
import { type DocumentFilter, findDocuments, type Found, type Scan, type SearchPlace } from './find-documents.store.ts';
import { excerptOf, type TextPlace } from './highlight.domain.ts';
import { workspaceNumber } from './search-document.store.ts';
import { type SearchQuery, tsqueryOf } from './search-query.domain.ts';
import { namesOf, orderNumbersOf, searchedText } from './search-text.store.ts';

export interface SearchHit {
  readonly kind: Found['kind'];
  readonly conversation: Conversation;
  readonly message: Message | null;
  readonly note: Note | null;
  readonly excerpt: string;
  readonly highlights: readonly TextPlace[];
  readonly at: Date;
}

export interface SearchInput {
  readonly query: SearchQuery;
  readonly filter: DocumentFilter;
  readonly limit: number;
  readonly after: SearchPlace | null;
}

/** From here on no further month is begun: what is found is shown, and where the scan stood. */
const scanMsMax = 700;

/** What the index has. It is read by the worker role, whose conditions can use the index: ids only. */
export async function scanIndex(
  db: Pick<Database<DB>, 'asWorker'>,
  tenantId: TenantId,
  { query, ...wanted }: SearchInput,
): Promise<Scan> {
  const startedAt = performance.now();
  const isLate = () => performance.now() - startedAt > scanMsMax;
  return db.asWorker(async (trx) => {
    const number = query.length === 0 ? null : await workspaceNumber(trx, tenantId);
    if (number === null) return { found: [], stoppedAt: null };
    return findDocuments(trx, { ...wanted, tenantId, tsquery: tsqueryOf(number, query) }, isLate);
  });
}

interface Text extends Omit<SearchHit, 'kind' | 'excerpt' | 'highlights'> {
  readonly text: string;
}

/** The hit as it is now, read as the request may read it; null if it is gone. */
export async function hitOf(loaders: Loaders<DB>, found: Found, query: SearchQuery): Promise<SearchHit | null> {
  const read = await readers[found.kind](loaders, found);
  if (read === null) return null;
  const { text, ...rest } = read;
  const { text: excerpt, highlights } = excerptOf(text, query);
  return { ...rest, kind: found.kind, excerpt, highlights };
}

const readers: Readonly<Record<Found['kind'], (loaders: Loaders<DB>, found: Found) => Promise<Text | null>>> = {
  message: async (loaders, { id }) => {
    const message = await loaders.load(messagesByIds, id as MessageId);
    if (message === null || message.deletedAt !== null) return null;
    const text = searchedText(latestContent(message));
    return textOf(loaders, message.conversationId, { message, note: null, text, at: message.occurredAt });
  },
  note: async (loaders, { id }) => {
    const note = await loaders.load(notesByIds, id as NoteId);
    if (note === null) return null;
    return textOf(loaders, note.conversationId, { message: null, note, text: note.text, at: note.createdAt });
  },
  conversation: async (loaders, { conversationId }) => {
    const conversation = await loaders.load(conversationsByIds, conversationId);
    if (conversation === null || conversation.joinedInto !== null) return null;
    return { conversation, message: null, note: null, text: namesOf(conversation), at: conversation.createdAt };
  },
  order: async (loaders, { id, conversationId }) => {
    const text = await loaders.load(orderNumbersOf, id as ConversationId);
    const conversation = await loaders.load(conversationsByIds, conversationId);
    if (text === null || conversation === null) return null;
    return { conversation, message: null, note: null, text, at: conversation.createdAt };
  },
};

async function textOf(
  loaders: Loaders<DB>,
  conversationId: ConversationId,
  found: Omit<Text, 'conversation'>,
): Promise<Text | null> {
  const conversation = await loaders.load(conversationsByIds, conversationId);
  return conversation === null ? null : { ...found, conversation };
}
