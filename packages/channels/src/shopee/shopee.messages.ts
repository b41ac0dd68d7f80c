import type { Buyer } from '@crossdesk/contracts';
import {
  type Listed,
  type NormalisedMessage,
  type PlatformContext,
  type Threads,
  UnparsableDelivery,
} from '../port/index.ts';
import { readListed } from '../shared/elements.ts';
import { boolean, field, list, text } from '../shared/platform-json.ts';
import { isBefore, readBack } from '../shared/read-back.ts';
import { valueOf } from '../shared/platform-error.ts';
import { fetchFromShop, getFromShop } from './shopee.call.ts';
import { isNotFound } from './shopee.errors.ts';
import { type MessagePlace, idOf, readConversationBuyer, readMessages } from './shopee.message.ts';

const chat = '/api/v2/sellerchat';
// Pages of get_message are documented up to 60, but clients report that only 25 always works.
const pageSize = '25';
const threadPagesMax = 20;

/** Messages of a thread since an instant; the pages come newest first. */
export async function readThread(
  context: PlatformContext,
  externalThreadId: string,
  since: Date,
  buyer: Buyer | null,
): Promise<Listed<NormalisedMessage>> {
  const place: MessagePlace = { shopId: context.account.externalAccountId, buyer, region: null };
  return readBack(threadPagesMax, async (offset) => {
    const parameters = { conversation_id: externalThreadId, page_size: pageSize, ...(offset === '' ? {} : { offset }) };
    const answer = await fetchFromShop(context, `${chat}/get_message`, parameters);
    const { items: messages, unreadable } = readMessages(field(answer, 'messages'), place);
    const next = text(field(answer, 'page_result', 'next_offset')) ?? '';
    return {
      messages: messages.filter((message) => !isBefore(message, since)),
      unreadable,
      reachedOlder: messages.some((message) => isBefore(message, since)),
      next: next === '0' ? '' : next,
    };
  });
}

/** One page of the changed conversations; the latest change comes first. */
export const listChangedThreads: Threads['listChanged'] = async (context, since, page) => {
  const answer = await fetchFromShop(context, `${chat}/get_conversation_list`, {
    direction: page === '' ? 'latest' : 'older',
    type: 'all',
    page_size: pageSize,
    ...(page === '' ? {} : { next_timestamp_nano: page }),
  });
  const conversations = list(field(answer, 'conversations'));
  const changed = conversations.filter((conversation) => changedAtMs(conversation) >= since.getTime());
  const { items: threads, unreadable } = readListed(changed, (conversation) => {
    const externalThreadId = idOf(field(conversation, 'conversation_id'));
    if (externalThreadId === null) throw new UnparsableDelivery('conversation_id of a conversation is missing');
    return { externalThreadId, buyer: readConversationBuyer(conversation) };
  });
  const reachedOlder = changed.length < conversations.length;
  return { threads, unreadable, next: reachedOlder ? '' : nextPage(field(answer, 'page_result')) };
};

function nextPage(pageResult: unknown): string {
  if (boolean(field(pageResult, 'more')) !== true) return '';
  const next = text(field(pageResult, 'next_cursor', 'next_message_time_nano')) ?? '';
  return next === '0' ? '' : next;
}

export async function fetchBuyer(context: PlatformContext, externalThreadId: string): Promise<Buyer | null> {
  const parameters = { conversation_id: externalThreadId };
  const answer = await getFromShop(context, `${chat}/get_one_conversation`, parameters);
  if (!answer.ok && isNotFound(answer.error)) return null;
  return readConversationBuyer(valueOf(answer));
}

/** Conversations have nanoseconds, too long for a double. A conversation without a readable instant counts as changed. */
function changedAtMs(conversation: unknown): number {
  const nanoseconds = text(field(conversation, 'last_message_timestamp')) ?? '';
  return /^[0-9]{16,19}$/.test(nanoseconds) ? Number(BigInt(nanoseconds) / 1_000_000n) : Number.POSITIVE_INFINITY;
}
