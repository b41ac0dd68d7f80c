import type { Buyer } from '@crossdesk/contracts';
import {
  type NormalisedMessage,
  type Page,
  type PlatformContext,
  PlatformRefusal,
} from '../../channel/channel.port.ts';
import { answerJson, boolean, field, integer, list, text } from '../../channel/platform-json.ts';
import { fetchFromShop } from './shopee.call.ts';
import { type MessagePlace, idOf, readConversationBuyer, readMessages } from './shopee.message.ts';

const chat = '/api/v2/sellerchat';
// Larger pages of get_message are documented (60) but clients report 25 as the size that always works.
const pageSize = '25';
const threadPagesMax = 20;
const conversationPagesPerRunMax = 40;
const firstLookBackMs = 86_400_000;
// Conversations move to the top while the list is paged: each run looks back a little behind the last one.
const overlapMs = 600_000;

/** Messages of a thread since an instant; the pages come newest first. */
export async function listThread(
  context: PlatformContext,
  externalThreadId: string,
  since: Date,
  buyer: Buyer | null = null,
): Promise<readonly NormalisedMessage[]> {
  const place: MessagePlace = { shopId: context.account.externalAccountId, buyer, region: null };
  const found: NormalisedMessage[] = [];
  const seenOffsets = new Set(['', '0']);
  let offset = '';
  for (let page = 0; page < threadPagesMax; page += 1) {
    const parameters = { conversation_id: externalThreadId, page_size: pageSize, ...(offset === '' ? {} : { offset }) };
    const answer = await fetchFromShop(context, `${chat}/get_message`, parameters);
    const messages = readMessages(field(answer, 'messages'), place);
    found.push(...messages.filter((message) => message.occurredAt >= since));
    offset = text(field(answer, 'page_result', 'next_offset')) ?? '';
    const reachedOlder = messages.some((message) => message.occurredAt < since);
    if (reachedOlder || seenOffsets.has(offset)) break;
    seenOffsets.add(offset);
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
  const answer = await fetchFromShop(context, `${chat}/get_conversation_list`, {
    direction: cursor.next === '' ? 'latest' : 'older',
    type: 'all',
    page_size: pageSize,
    ...(cursor.next === '' ? {} : { next_timestamp_nano: cursor.next }),
  });
  const conversations = list(field(answer, 'conversations'));
  const changed = conversations.filter((conversation) => changedAtMs(conversation) >= cursor.sinceMs);
  const items: NormalisedMessage[] = [];
  for (const conversation of changed) {
    const id = idOf(field(conversation, 'conversation_id'));
    const buyer = readConversationBuyer(conversation);
    if (id !== null) items.push(...(await listThread(context, id, new Date(cursor.sinceMs), buyer)));
  }
  const reachedOlder = changed.length < conversations.length;
  return { items, ...following(cursor, field(answer, 'page_result'), reachedOlder) };
}

export async function fetchBuyer(context: PlatformContext, externalThreadId: string): Promise<Buyer | null> {
  try {
    const parameters = { conversation_id: externalThreadId };
    return readConversationBuyer(await fetchFromShop(context, `${chat}/get_one_conversation`, parameters));
  } catch (cause) {
    if (cause instanceof PlatformRefusal && cause.kind === 'permanent') return null;
    throw cause;
  }
}

function following(
  cursor: MessageCursor,
  pageResult: unknown,
  reachedOlder: boolean,
): { cursor: string; hasMore: boolean } {
  const next = text(field(pageResult, 'next_cursor', 'next_message_time_nano')) ?? '';
  const isLast = reachedOlder || boolean(field(pageResult, 'more')) !== true || ['', '0', cursor.next].includes(next);
  if (isLast) return { cursor: JSON.stringify({ sinceMs: cursor.startedMs - overlapMs }), hasMore: false };
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

/** Conversations carry nanoseconds, too long for a double; one without a readable instant counts as changed. */
function changedAtMs(conversation: unknown): number {
  const nanoseconds = text(field(conversation, 'last_message_timestamp')) ?? '';
  return /^[0-9]{16,19}$/.test(nanoseconds) ? Number(BigInt(nanoseconds) / 1_000_000n) : Number.POSITIVE_INFINITY;
}
