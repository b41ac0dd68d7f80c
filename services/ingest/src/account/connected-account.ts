import type { Channel } from '@crossdesk/channels';
import type { CallContext, ChannelAccount } from '@crossdesk/channels/adapters';

/** A channel account with its secrets opened; kept no longer than a call takes. */
export interface ConnectedAccount extends ChannelAccount {
  readonly channel: Channel;
}

/** Calls in the name of a connected account. */
export type AccountContext = CallContext<ConnectedAccount>;
