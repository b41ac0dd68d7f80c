import { findAccounts } from '../account/account.store.ts';
import { isAnySending } from '../delivery/delivery.store.ts';
import type { DeliveryKey, DeliveryReport } from '../delivery/delivery-report.ts';
import { place, settle, type SettledReply } from '../delivery/settle.ts';
import type { IngestDeps } from '../deps.ts';
import type { Trx } from '../db.ts';
import { findOwn } from '../thread/echo.domain.ts';
import { fingerprintOf } from '../thread/fingerprint.ts';
import { type HeldMessage, takeHeld } from '../thread/held-message.store.ts';
import { type LockedThread, lockThreadOf } from '../thread/thread.store.ts';
import type { AccountName } from '../fact.ts';
import { recordMessages } from './record-messages.ts';
import { tellReleased } from './tell-released.ts';

type ReportDeps = Pick<IngestDeps, 'runtime' | 'adapters' | 'nudgeMedia'>;

/**
 * Reserved versions: one for the report and one for an echo that adds to it. Released held messages reserve their own.
 */
const eventsMax = 2;

/**
 * Records a report on a reply: locks its thread, settles it, and releases the messages that waited for its outcome.
 * False when the report contained nothing new.
 */
export async function reportDelivery(
  deps: ReportDeps,
  trx: Trx,
  key: DeliveryKey,
  report: DeliveryReport,
): Promise<boolean> {
  const thread = await lockThreadOf(trx, key.tenantId, key.conversationId, eventsMax);
  const settled = thread === null ? null : await settle(deps, trx, thread, key.messageId, report);
  if (thread === null || settled === null) return false;
  const echoId = settled.before.status === 'sending' ? await letHeldGo(deps, trx, thread, settled, report) : null;
  const externalMessageId = echoId ?? settled.after.external_message_id;
  if (settled.before.external_message_id === null && externalMessageId !== null)
    await tellReleased(deps, trx, [{ ...key, externalMessageId }]);
  return true;
}

/**
 * No reply is being sent any more: the messages that waited for the outcome are classified. The echo of the reply is
 * dropped (it is the reply itself); all others were written elsewhere and are recorded now. Returns the platform's id of
 * the echo.
 */
async function letHeldGo(
  deps: ReportDeps,
  trx: Trx,
  thread: LockedThread,
  { after: reply }: SettledReply,
  { origin }: DeliveryReport,
): Promise<string | null> {
  if (await isAnySending(trx, thread.tenantId, thread.conversationId)) return null;
  const held = await takeHeld(trx, thread.tenantId, thread.conversationId);
  if (held.length === 0) return null;
  const echo = echoOf(reply, held);
  if (echo !== undefined) {
    const { occurredAt, sequence } = echo.message;
    const told = { origin, position: { occurredAt, sequence } };
    const { externalMessageId } = echo;
    if (reply.external_message_id !== null) await place(deps, trx, thread, reply.message_id, told);
    else await settle(deps, trx, thread, reply.message_id, { ...told, status: 'sent', externalMessageId, occurredAt });
  }
  const account = await accountOf(trx, thread);
  const others = held.filter((item) => item !== echo);
  await recordMessages(
    deps,
    trx,
    others.map(({ message, claimedAt, receivedAt }) => ({
      account,
      message,
      claimedAt,
      receivedAt,
      traceparent: null,
      rawId: null,
    })),
  );
  return echo?.externalMessageId ?? null;
}

function echoOf(reply: SettledReply['after'], held: readonly HeldMessage[]): HeldMessage | undefined {
  const own = {
    status: reply.status,
    fingerprint: reply.fingerprint,
    externalMessageId: reply.external_message_id,
    attemptedAt: reply.attempted_at,
  };
  const named = held.map((item) => ({
    item,
    externalMessageId: item.externalMessageId,
    fingerprint: fingerprintOf(item.message.content),
    occurredAt: item.message.occurredAt,
  }));
  return findOwn(own, named)?.item;
}

async function accountOf(trx: Trx, { tenantId, accountId: id }: LockedThread): Promise<AccountName> {
  const [row] = await findAccounts(trx, tenantId, [id]);
  if (row === undefined) throw new Error('a thread without its channel account');
  return { id, tenantId, channel: row.channel, country: row.country };
}
