import type { ChannelAccount, PlatformContext } from '../port/index.ts';

/** What an adapter gets in the suite: the sample account, the given answers, and a clock that stands still. */
export function contextOf(account: ChannelAccount, call: PlatformContext['call']): PlatformContext {
  return { account, call, now: () => new Date('2026-01-02T03:00:00Z') };
}
