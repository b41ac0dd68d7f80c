import type { ChannelAccount, PlatformContext } from '../port/index.ts';

/** The context of an adapter in the suite: the sample account, the given answers, and a fixed clock. */
export function contextOf(account: ChannelAccount, call: PlatformContext['call']): PlatformContext {
  return { account, call, now: () => new Date('2026-01-02T03:00:00Z') };
}
