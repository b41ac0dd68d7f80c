import type { Channel } from '@crossdesk/channels';
import type { CallContext, ChannelAccount } from '@crossdesk/channels/adapters';

/** A channel account with its secrets in clear; kept only for the duration of a call. */
export interface ConnectedAccount extends ChannelAccount {
  readonly channel: Channel;
}

/** Calls the platform on behalf of a connected account. */
export type AccountContext = CallContext<ConnectedAccount>;
