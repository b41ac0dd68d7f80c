import type { Channel } from '@crossdesk/channels';
import type { CallContext, ChannelAccount } from '@crossdesk/channels/adapters';

/** A channel account with its secrets in clear; kept only for the duration of a call. */
export interface ConnectedAccount extends ChannelAccount {
  readonly channel: Channel;
  /** ISO 3166-1 alpha-2; null when it is not known. */
  readonly country: string | null;
}

/** Calls the platform on behalf of a connected account. */
export type AccountContext = CallContext<ConnectedAccount>;
