import type { ChannelAccountId } from '@crossdesk/contracts';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { ChannelAccount } from '../channel/channel.port.ts';
import type { IngestDeps } from '../deps.ts';

/** What each account may send now: its channel's limit, and what the platform itself asked for. */
export interface Quota {
  /** Uses one send up; false = not now, and the account is paused until there is one. */
  take(account: Pick<ChannelAccount, 'id' | 'channel'>): Promise<boolean>;
  /** The platform asked for a pause. */
  pause(accountId: ChannelAccountId, forMs: number): void;
  /** Accounts that have to wait. */
  paused(): readonly ChannelAccountId[];
}

/** A token bucket per channel account, so that no store runs into its platform's limit. */
export function createQuota(adapters: IngestDeps['adapters']): Quota {
  const buckets = new Map(
    Object.values(adapters).map(({ channel, capabilities: { sendsPerSecondMax } }) => {
      const points = Math.max(1, Math.floor(sendsPerSecondMax));
      const seconds = points / sendsPerSecondMax;
      return [channel, { limiter: new RateLimiterMemory({ points, duration: seconds }), fullAgainMs: seconds * 1_000 }];
    }),
  );
  const pausedUntil = new Map<ChannelAccountId, number>();

  function pause(accountId: ChannelAccountId, forMs: number): void {
    const until = performance.now() + forMs;
    if (until > (pausedUntil.get(accountId) ?? 0)) pausedUntil.set(accountId, until);
  }

  return {
    pause,
    async take({ id, channel }) {
      const bucket = buckets.get(channel);
      try {
        await bucket?.limiter.consume(id);
        return true;
      } catch (refusal) {
        if (!(refusal instanceof RateLimiterRes)) throw refusal;
        // The limiter reckons with the time of day: once the clock was set back by an hour it names an hour. Its timer
        // fills the bucket all the same.
        pause(id, Math.max(1, Math.min(refusal.msBeforeNext, bucket?.fullAgainMs ?? 0)));
        return false;
      }
    },
    paused() {
      const now = performance.now();
      for (const [id, until] of pausedUntil) if (until <= now) pausedUntil.delete(id);
      return [...pausedUntil.keys()];
    },
  };
}
