import type { ConversationId, MessageId, TenantId } from '@crossdesk/contracts';
import type { Origin } from '@crossdesk/service-kit';
import { findAccounts } from '../account/account.store.ts';
import type { Trx } from '../deps.ts';
import { findOwn } from '../inbound/echo.domain.ts';
import { fingerprintOf } from '../inbound/fingerprint.ts';
import { type HeldMessage, takeHeld } from '../inbound/message.store.ts';
import { recordMessages } from '../inbound/record-messages.ts';
import { type LockedThread, lockThreadOf } from '../inbound/thread.store.ts';
import { type IntentRow, isAnySending } from './delivery.store.ts';
import { type DeliveryReport, place, settle, type SettleDeps } from './settle.ts';

/** Versions set aside: one for the report, one for an echo that adds to it. Held messages that are let go take their own. */
const eventsMax = 2;

/** Records a report on a reply: locks its thread, settles it, and lets go of what waited for its outcome. False when it told nothing new. */
export async function reportDelivery(
  deps: SettleDeps,
  trx: Trx,
  key: { readonly tenantId: TenantId; readonly conversationId: ConversationId; readonly messageId: MessageId },
  report: DeliveryReport,
): Promise<boolean> {
  const thread = await lockThreadOf(trx, key.tenantId, key.conversationId, eventsMax);
  const settled = thread === null ? null : await settle(deps, trx, thread, key.messageId, report);
  if (thread === null || settled === null) return false;
  if (settled.before.status === 'sending') await letHeldGo(deps, trx, thread, settled.after, report.origin);
  return true;
}

/**
 * A reply left the air: the messages that waited for its outcome find out what they are. The echo of the reply is dropped
 * (it is the reply), everything else was written elsewhere and appears now.
 */
async function letHeldGo(
  deps: SettleDeps,
  trx: Trx,
  thread: LockedThread,
  intent: IntentRow,
  origin: Origin,
): Promise<void> {
  if (await isAnySending(trx, thread.tenantId, thread.conversationId)) return;
  const held = await takeHeld(trx, thread.tenantId, thread.conversationId);
  const echo = echoOf(intent, held);
  const others = held.filter((item) => item !== echo);
  const account = { id: thread.accountId, tenantId: thread.tenantId, channel: await channelOf(trx, thread) };
  if (echo !== undefined) {
    const { externalMessageId, message } = echo;
    const { occurredAt, sequence } = message;
    const position = { occurredAt, sequence };
    if (intent.external_message_id !== null) await place(deps, trx, thread, intent.message_id, { origin, position });
    else
      await settle(deps, trx, thread, intent.message_id, {
        status: 'sent',
        externalMessageId,
        occurredAt,
        position,
        origin,
      });
  }
  await recordMessages(
    deps,
    trx,
    others.map(({ message, receivedAt }) => ({ account, message, receivedAt, traceparent: null })),
  );
}

function echoOf(intent: IntentRow, held: readonly HeldMessage[]): HeldMessage | undefined {
  const reply = {
    status: intent.status,
    fingerprint: intent.fingerprint,
    externalMessageId: intent.external_message_id,
    attemptedAt: intent.attempted_at,
  };
  const named = held.map((item) => ({
    item,
    externalMessageId: item.externalMessageId,
    fingerprint: fingerprintOf(item.message.content),
    occurredAt: item.message.occurredAt,
  }));
  return findOwn(reply, named)?.item;
}

async function channelOf(trx: Trx, thread: LockedThread) {
  const [row] = await findAccounts(trx, thread.tenantId, [thread.accountId]);
  if (row === undefined) throw new Error('a thread without its channel account');
  return row.channel;
}
