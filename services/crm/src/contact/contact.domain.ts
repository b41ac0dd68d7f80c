import type { ChannelAccountId, ConversationId, TenantId } from '@crossdesk/contracts';

export type UnreachableReason = 'hard-bounce' | 'soft-bounces';

/** A thread, as a way to reach a buyer. */
export interface ContactPoint {
  readonly tenantId: TenantId;
  readonly conversationId: ConversationId;
  readonly accountId: ChannelAccountId;
  readonly channel: string;
  /** The last message of the buyer. */
  readonly lastInboundAt: Date | null;
  /** Failures that may pass, of the last 14 days. */
  readonly softBounces: readonly Date[];
  readonly unreachableSince: Date | null;
  readonly unreachableReason: UnreachableReason | null;
}

const softBouncesMax = 3;
const softBounceDays = 14;

/** What a failed delivery says of the thread; null: nothing, the fault is ours or the message's. */
export function bounceOf(failure: string | null): 'hard' | 'soft' | null {
  if (failure === 'RECIPIENT_UNREACHABLE') return 'hard';
  return failure === 'PLATFORM_ERROR' || failure === 'GIVEN_UP' ? 'soft' : null;
}

/** One hard bounce, or three soft ones within 14 days, and the buyer is not reached here until they write again. */
export function bounced(point: ContactPoint, bounce: 'hard' | 'soft', at: Date): ContactPoint {
  if (point.lastInboundAt !== null && point.lastInboundAt > at) return point;
  const since = at.getTime() - softBounceDays * 86_400_000;
  const kept = point.softBounces.filter((one) => one.getTime() > since);
  const softBounces = bounce === 'soft' ? [...kept, at].slice(-softBouncesMax) : kept;
  const isOver = bounce === 'hard' || softBounces.length >= softBouncesMax;
  if (!isOver || point.unreachableSince !== null) return { ...point, softBounces };
  return {
    ...point,
    softBounces,
    unreachableSince: at,
    unreachableReason: bounce === 'hard' ? 'hard-bounce' : 'soft-bounces',
  };
}
