import type { Buyer } from '@crossdesk/contracts';
import {
  type NormalisedMessage,
  type Page,
  type PlatformContext,
  PlatformRefusal,
} from '../../channel/channel.port.ts';
import { answerJson, field, integer, list, seconds, text } from '../../channel/platform-json.ts';
import { fetchFromShop } from './tiktok-shop.call.ts';
import { readConversationBuyer, readMessages, unnamedBuyer } from './tiktok-shop.message.ts';

const conversationsPath = '/customer_service/202309/conversations';
const messagesPerPage = '10';
const conversationsPerPage = '20';
const threadPagesMax = 50;
const conversationPagesPerRunMax = 40;
// There is no call for one conversation: that of a new message is near the top of the list.
const buyerPagesMax = 5;
const firstLookBackMs = 86_400_000;
// Conversations move while the list is paged: each run looks back a little behind the last one.
const overlapMs = 600_000;

/** Path of a conversation's messages; null for an id that would lead elsewhere. */
export function messagesPath(externalThreadId: string): string | null {
  return /^[0-9A-Za-z_-]{1,64}$/.test(externalThreadId) ? `${conversationsPath}/${externalThreadId}/messages` : null;
}

export function listThread(
  context: PlatformContext,
  externalThreadId: string,
  since: Date,
): Promise<readonly NormalisedMessage[]> {
  return readThread(context, externalThreadId, since, unnamedBuyer(externalThreadId));
}

/** Messages of a thread since an instant; the pages come newest first. */
async function readThread(
  context: PlatformContext,
  externalThreadId: string,
  since: Date,
  buyer: Buyer,
): Promise<readonly NormalisedMessage[]> {
  const path = messagesPath(externalThreadId);
  if (path === null) throw new PlatformRefusal('permanent', 'the conversation id is none of TikTok Shop');
  // Messages carry whole seconds: one of the second in which `since` lies counts as later.
  const sinceMs = Math.floor(since.getTime() / 1_000) * 1_000;
  const found: NormalisedMessage[] = [];
  const seenTokens = new Set(['']);
  let token = '';
  for (let page = 0; page < threadPagesMax; page += 1) {
    const query = { page_size: messagesPerPage, sort_order: 'DESC', sort_field: 'create_time', ...pageToken(token) };
    const data = await fetchFromShop(context, { path, query, body: null });
    const values = list(field(data, 'messages'));
    found.push(
      ...readMessages(values, externalThreadId, buyer).filter(({ occurredAt }) => occurredAt.getTime() >= sinceMs),
    );
    const reachedOlder = values.some((value) => (createdAtMs(value) ?? sinceMs) < sinceMs);
    token = text(field(data, 'next_page_token')) ?? '';
    if (reachedOlder || seenTokens.has(token)) break;
    seenTokens.add(token);
  }
  return found;
}

/** Where a reconciliation stands: `next` is the paging position within a run, "" at its start. */
interface MessageCursor {
  readonly sinceMs: number;
  readonly startedMs: number;
  readonly next: string;
  readonly pages: number;
}

/** One page of conversations and, of those changed since the cursor, the messages. */
export async function listMessages(context: PlatformContext, cursorText: string): Promise<Page<NormalisedMessage>> {
  const cursor = readCursor(cursorText, context.now().getTime());
  const data = await fetchConversations(context, cursor.next);
  const changed = list(field(data, 'conversations')).filter((value) => isChangedSince(value, cursor.sinceMs));
  const items: NormalisedMessage[] = [];
  for (const conversation of changed) {
    const id = text(field(conversation, 'id'));
    if (id === null) continue;
    const buyer = readConversationBuyer(conversation, id);
    items.push(...(await readThread(context, id, new Date(cursor.sinceMs), buyer)));
  }
  return { items, ...following(cursor, text(field(data, 'next_page_token')) ?? '', changed.length > 0) };
}

/** The buyer of a conversation, with the id by which orders name him. */
export async function fetchBuyer(context: PlatformContext, externalThreadId: string): Promise<Buyer | null> {
  let token = '';
  for (let page = 0; page < buyerPagesMax; page += 1) {
    const data = await fetchConversations(context, token);
    const conversations = list(field(data, 'conversations'));
    const conversation = conversations.find((value) => text(field(value, 'id')) === externalThreadId);
    if (conversation !== undefined) return readConversationBuyer(conversation, externalThreadId);
    const next = text(field(data, 'next_page_token')) ?? '';
    if (next === '' || next === token) break;
    token = next;
  }
  return null;
}

function fetchConversations(context: PlatformContext, token: string): Promise<unknown> {
  const query = { page_size: conversationsPerPage, ...pageToken(token) };
  return fetchFromShop(context, { path: conversationsPath, query, body: null });
}

/**
 * UNVERIFIED: the list comes with the latest change first. A few out of order do no harm, the run goes on until a whole
 * page has not changed.
 */
function following(cursor: MessageCursor, next: string, hasChanges: boolean): { cursor: string; hasMore: boolean } {
  if (!hasChanges || next === '' || next === cursor.next) {
    return { cursor: JSON.stringify({ sinceMs: cursor.startedMs - overlapMs }), hasMore: false };
  }
  // At the cap the run ends but its position stays: the next run goes on from there and nothing is left out.
  const pages = cursor.pages + 1;
  const isAtCap = pages >= conversationPagesPerRunMax;
  return { cursor: JSON.stringify({ ...cursor, next, pages: isAtCap ? 0 : pages }), hasMore: !isAtCap };
}

function readCursor(cursorText: string, nowMs: number): MessageCursor {
  const stored = answerJson(cursorText);
  return {
    sinceMs: integer(field(stored, 'sinceMs')) ?? nowMs - firstLookBackMs,
    startedMs: integer(field(stored, 'startedMs')) ?? nowMs,
    next: text(field(stored, 'next')) ?? '',
    pages: integer(field(stored, 'pages')) ?? 0,
  };
}

/** A conversation without a message changed when it began; one without any instant counts as changed. */
function isChangedSince(conversation: unknown, sinceMs: number): boolean {
  const changedMs = createdAtMs(field(conversation, 'latest_message')) ?? createdAtMs(conversation);
  return changedMs === null || changedMs >= Math.floor(sinceMs / 1_000) * 1_000;
}

function createdAtMs(value: unknown): number | null {
  return seconds(field(value, 'create_time'))?.getTime() ?? null;
}

function pageToken(token: string): { page_token?: string } {
  return token === '' ? {} : { page_token: token };
}
