import { channelCapabilities, textOf } from '@crossdesk/contracts';
import type { OutgoingMessage, PlatformContext, PlatformResponse, SendOutcome } from '../../channel/channel.port.ts';
import { answerJson, field, text } from '../../channel/platform-json.ts';
import { retryAfterMs } from '../../channel/retry-after.ts';
import { signedHeaders, toleranceMs } from './generic.sign.ts';

const { textCharactersMax } = channelCapabilities.generic;
const usualPauseMs = 5_000;
/** A clock is corrected by a person or by its time server; until then every signature is refused. */
const clockPauseMs = 60_000;

/**
 * Posts `message.outbound` to the seller's system. `webhook-id` is our message id, the same in every attempt, so the
 * receiver drops what it already has and a repeat is always safe.
 */
export async function sendMessage(context: PlatformContext, message: OutgoingMessage): Promise<SendOutcome> {
  const { content } = message;
  if (content.kind === 'system' || content.kind === 'unsupported')
    return rejected('UNSUPPORTED', `${content.kind} messages cannot be sent`);
  const words = textOf(content);
  if (words !== null && words.length > textCharactersMax)
    return rejected('INVALID_REQUEST', `shorten the text to ${textCharactersMax} characters`);
  const url = context.account.baseUrls.api;
  if (!URL.canParse(url)) return rejected('INVALID_REQUEST', 'enter the https address that takes replies as base URL');
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
  const { status } = response;
  const detail = `the receiver answered HTTP ${status}`;
  // 409: it has this webhook-id already, so an earlier attempt arrived.
  if ((status >= 200 && status < 300) || status === 409)
    return { status: 'accepted', externalMessageId: text(field(answerJson(response.body), 'externalId')) };
  const afterMs = retryAfterMs(response.headers, now, usualPauseMs);
  if (status === 429) return { status: 'limited', afterMs, detail };
  if (status === 408 || status >= 500) return { status: 'retry', afterMs, detail };
  if ((status === 401 || status === 403) && haveClocksParted(response, now))
    return { status: 'limited', afterMs: clockPauseMs, detail: `${detail}: correct the clock of this server` };
  if (status === 401 || status === 403)
    return { status: 'unauthorised', detail: `${detail}: it does not accept the signature` };
  if (status === 410) return rejected('ACCOUNT_DISABLED', `${detail}: it wants no more deliveries`);
  return rejected('INVALID_REQUEST', detail);
}

/** Whether the receiver's clock, as its answer tells it, lets no signature of ours pass. */
function haveClocksParted({ headers }: PlatformResponse, now: Date): boolean {
  return Math.abs(Date.parse(headers['date'] ?? '') - now.getTime()) > toleranceMs;
}

function rejected(failure: 'UNSUPPORTED' | 'INVALID_REQUEST' | 'ACCOUNT_DISABLED', detail: string): SendOutcome {
  return { status: 'rejected', failure, detail };
}
