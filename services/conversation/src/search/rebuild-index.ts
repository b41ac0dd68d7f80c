import type { ConversationId, MessageId, NoteId, TenantId } from '@crossdesk/contracts';
import { type Keys, openDatabase, serviceUrl } from '@crossdesk/service-kit';
import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { DB } from '../db.ts';
import { type DocumentKey, saveTexts, type SearchText } from './search-document.store.ts';
import { textsOfConversations, textsOfMessages, textsOfNotes, textsOfOrders } from './search-text.store.ts';

export interface RebuildIndexOptions {
  /** Administrator's address of the database of the service. */
  readonly databaseUrl: string;
  readonly keys: Keys;
  readonly onProgress?: (textCount: number) => void;
}

export interface RebuiltIndex {
  readonly textCount: number;
  /** How many documents were missing, wrong or left over. */
  readonly differenceCount: number;
}

const pageRows = 500;

/**
 * Makes the index of the search as the tables are, page by page, while the service runs: only what differs is written.
 * The rows of a page are locked against changes until its documents are saved. What changes later is told by an event,
 * which the consumer follows afterwards.
 */
export async function rebuildSearchIndex({
  databaseUrl,
  keys,
  onProgress,
}: RebuildIndexOptions): Promise<RebuiltIndex> {
  const url = serviceUrl(databaseUrl, keys, 'conversation', 'worker');
  // A connection that breaks fails the page that uses it.
  const db = openDatabase<DB>({ appUrl: url, workerUrl: url, connectionsMax: 1, onConnectionError: () => undefined });
  const done = { textCount: 0, differenceCount: 0 };
  try {
    for (const source of sources) {
      let after: Key | null = { tenant_id: idOfNothing, id: idOfNothing };
      while (after !== null) {
        const place: Key = after;
        const page = await db.asWorker((trx) => rebuildPage(trx, source, place));
        done.textCount += page.textCount;
        done.differenceCount += page.differenceCount;
        onProgress?.(done.textCount);
        after = page.last;
      }
    }
    return done;
  } finally {
    await db.close();
  }
}

const idOfNothing = '00000000-0000-0000-0000-000000000000' as TenantId;

interface Key {
  readonly tenant_id: TenantId;
  readonly id: string;
}

interface Source {
  readonly kind: DocumentKey['kind'];
  /** The keys behind a place, in their order; their rows are locked. */
  readonly keysBehind: (after: Key) => RawBuilder<Key>;
  readonly texts: (trx: Transaction<DB>, keys: readonly Key[]) => Promise<SearchText[]>;
}

const sources: readonly Source[] = [
  {
    kind: 'message',
    keysBehind: keysIn('message'),
    texts: (trx, keys) => textsOfMessages(trx, keys.map(keyOf<MessageId>)),
  },
  { kind: 'note', keysBehind: keysIn('note'), texts: (trx, keys) => textsOfNotes(trx, keys.map(keyOf<NoteId>)) },
  {
    kind: 'conversation',
    keysBehind: keysIn('conversation'),
    texts: (trx, keys) => textsOfConversations(trx, keys.map(keyOf<ConversationId>)),
  },
  {
    kind: 'order',
    keysBehind: ({ tenant_id: tenantId, id }) => sql`
      select o.tenant_id, o.conversation_id as id from conversation_order o
      join order_facts f on f.tenant_id = o.tenant_id and f.order_id = o.order_id
      where (o.tenant_id, o.conversation_id) > (${tenantId}::uuid, ${id}::uuid)
      order by o.tenant_id, o.conversation_id limit ${pageRows} for share of o, f`,
    texts: (trx, keys) => textsOfOrders(trx, keys.map(keyOf<ConversationId>)),
  },
];

function keysIn(table: 'message' | 'note' | 'conversation'): Source['keysBehind'] {
  return ({ tenant_id: tenantId, id }) => sql`
    select tenant_id, id from ${sql.table(table)} where (tenant_id, id) > (${tenantId}::uuid, ${id}::uuid)
    order by tenant_id, id limit ${pageRows} for share`;
}

function keyOf<Id extends string>({ tenant_id: tenantId, id }: Key): { readonly tenantId: TenantId; readonly id: Id } {
  return { tenantId, id: id as Id };
}

/** `last`: the last key of a full page; null for the last page. */
async function rebuildPage(trx: Transaction<DB>, { kind, keysBehind, texts }: Source, after: Key) {
  const { rows: keys } = await keysBehind(after).execute(trx);
  const last = keys.length < pageRows ? null : (keys.at(-1) ?? null);
  const found = await texts(trx, keys);
  const leftOver = await deleteOthers(trx, { kind, after, last }, found);
  return { last, textCount: found.length, differenceCount: leftOver + (await saveTexts(trx, found)) };
}

/** Forgets documents of the page that have no text any more. Returns how many. */
async function deleteOthers(
  trx: Transaction<DB>,
  { kind, after, last }: Pick<Source, 'kind'> & { readonly after: Key; readonly last: Key | null },
  found: readonly SearchText[],
): Promise<number> {
  const upTo = last === null ? sql`true` : sql`(tenant_id, id) <= (${last.tenant_id}::uuid, ${last.id}::uuid)`;
  const { numAffectedRows } = await sql`
    delete from search_document
    where kind = ${kind} and (tenant_id, id) > (${after.tenant_id}::uuid, ${after.id}::uuid) and ${upTo}
      and (tenant_id, id) not in (
        select * from unnest(${found.map(({ tenantId }) => tenantId)}::uuid[], ${found.map(({ id }) => id)}::uuid[]))`.execute(
    trx,
  );
  return Number(numAffectedRows ?? 0);
}
