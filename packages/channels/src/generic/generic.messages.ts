import { type MessageKind, textOf } from '@crossdesk/contracts';
import type { OutgoingMessage, PlatformContext, PlatformResponse, SendOutcome } from '../port/index.ts';
import { type PlatformError, toSendOutcome } from '../shared/platform-error.ts';
import { answerJson, field, text } from '../shared/platform-json.ts';
import { invalid, unsupported } from '../shared/rejection.ts';
import { retryAfterMs } from '../shared/retry-after.ts';
import { messageId } from './generic.message.ts';
import { record } from './generic.record.ts';
import { toleranceMs } from '../shared/standard-webhooks.ts';
import { signedHeaders } from './generic.sign.ts';

const { textCharactersMax } = record.capabilities;
const sends: readonly MessageKind[] = record.capabilities.sends;
const usualPauseMs = 5_000;

/**
 * Sends `message.outbound` to the seller's system. `webhook-id` is our message id, the same in every attempt, so the
 * receiver ignores a message it already has and a repeat is always safe.
 */
export async function send(context: PlatformContext, message: OutgoingMessage): Promise<SendOutcome> {
  const { content } = message;
  if (!sends.includes(content.kind)) return unsupported(`${content.kind} messages cannot be sent`);
  const words = textOf(content);
  if (words !== null && words.length > textCharactersMax)
    return invalid(`shorten the text to ${textCharactersMax} characters`);
  const url = context.account.baseUrls.api;
  if (!URL.canParse(url)) return invalid('enter the https address for replies as the base URL');
  const now = context.now();
  const body = JSON.stringify({
    type: 'message.outbound',
    timestamp: now.toISOString(),
    data: {
      conversationKey: message.externalThreadId,
      messageId: message.messageId,
      buyerId: message.buyer.externalId,
      text: words,
      content,
    },
  });
  const headers = signedHeaders(context.account, message.messageId, now, body);
  return outcomeOf(await context.call({ method: 'POST', url, headers, body }), now);
}

function outcomeOf(response: PlatformResponse, now: Date): SendOutcome {
  // 409: the receiver already has this webhook-id, so an earlier attempt arrived.
  if ((response.status >= 200 && response.status < 300) || response.status === 409)
    return { status: 'accepted', externalMessageId: acceptedId(response) };
  return toSendOutcome(classify(response, now));
}

function acceptedId(response: PlatformResponse): string | null {
  const id = text(field(answerJson(response.body), 'externalId'));
  return id === null ? null : messageId(id);
}

function classify(response: PlatformResponse, now: Date): PlatformError {
  const { status } = response;
  const detail = `the receiver answered HTTP ${status}`;
  const afterMs = retryAfterMs(response.headers, now, usualPauseMs);
  if (status === 429) return { kind: 'rate-limited', afterMs, detail };
  if (status === 408 || status >= 500) return { kind: 'busy', afterMs, detail };
  if (status === 401 || status === 403)
    return haveClocksParted(response, now)
      ? { kind: 'clock', detail }
      : { kind: 'unauthorised', detail: `${detail}: it does not accept the signature` };
  const code = String(status);
  if (status === 410)
    return { kind: 'permanent', code, failure: 'ACCOUNT_DISABLED', detail: `${detail}: it accepts no more deliveries` };
  return { kind: 'permanent', code, failure: 'INVALID_REQUEST', detail };
}

/** Whether the receiver's clock, according to its answer, is so far off that it refuses all our signatures. */
function haveClocksParted({ headers }: PlatformResponse, now: Date): boolean {
  return Math.abs(Date.parse(headers['date'] ?? '') - now.getTime()) > toleranceMs;
}
