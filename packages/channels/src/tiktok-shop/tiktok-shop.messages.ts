import type { Buyer } from '@crossdesk/contracts';
import {
  type Listed,
  type NormalisedMessage,
  type PlatformContext,
  PlatformRefusal,
  type Threads,
  UnparsableDelivery,
} from '../port/index.ts';
import { readListed } from '../shared/elements.ts';
import { field, list, seconds, text } from '../shared/platform-json.ts';
import { isBefore, readBack } from '../shared/read-back.ts';
import { fetchFromShop } from './tiktok-shop.call.ts';
import { readConversationBuyer, readMessages, unnamedBuyer } from './tiktok-shop.message.ts';

const conversationsPath = '/customer_service/202309/conversations';
const messagesPerPage = '10';
const conversationsPerPage = '20';
const threadPagesMax = 50;
// There is no call for one conversation; the conversation of a new message is near the top of the list.
const buyerPagesMax = 5;

/** The path of a conversation's messages; null for an id that would change the path. */
export function messagesPath(externalThreadId: string): string | null {
  return /^[0-9A-Za-z_-]{1,64}$/.test(externalThreadId) ? `${conversationsPath}/${externalThreadId}/messages` : null;
}

/** Messages of a thread since an instant; the pages come newest first. */
export async function readThread(
  context: PlatformContext,
  externalThreadId: string,
  since: Date,
  buyer: Buyer | null,
): Promise<Listed<NormalisedMessage>> {
  const path = messagesPath(externalThreadId);
  if (path === null) throw new PlatformRefusal('permanent', 'the conversation id is not a TikTok Shop id');
  // Messages have whole seconds: a message of the same second as `since` counts as later.
  const sinceSecond = new Date(Math.floor(since.getTime() / 1_000) * 1_000);
  const writer = buyer ?? unnamedBuyer(externalThreadId);
  return readBack(threadPagesMax, async (token) => {
    const query = { page_size: messagesPerPage, sort_order: 'DESC', sort_field: 'create_time', ...pageToken(token) };
    const data = await fetchFromShop(context, { path, query, body: null });
    const values = list(field(data, 'messages'));
    const { items: messages, unreadable } = readMessages(values, externalThreadId, writer);
    return {
      messages: messages.filter((message) => !isBefore(message, sinceSecond)),
      unreadable,
      reachedOlder: values.some((value) => (createdAtMs(value) ?? Infinity) < sinceSecond.getTime()),
      next: text(field(data, 'next_page_token')) ?? '',
    };
  });
}

/**
 * One page of the changed conversations. UNVERIFIED: the latest change comes first. A few out of order do no harm: the
 * run continues until a whole page has no changes.
 */
export const listChangedThreads: Threads['listChanged'] = async (context, since, page) => {
  const data = await fetchConversations(context, page);
  const changed = list(field(data, 'conversations')).filter((value) => isChangedSince(value, since.getTime()));
  const { items: threads, unreadable } = readListed(changed, (conversation) => {
    const externalThreadId = text(field(conversation, 'id'));
    if (externalThreadId === null) throw new UnparsableDelivery('id of a conversation is missing');
    return { externalThreadId, buyer: readConversationBuyer(conversation, externalThreadId) };
  });
  return { threads, unreadable, next: changed.length === 0 ? '' : (text(field(data, 'next_page_token')) ?? '') };
};

/** The buyer of a conversation, with their id in orders. */
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

/** A conversation without messages changed when it was created; without any instant it counts as changed. */
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
