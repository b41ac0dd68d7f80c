import type { ChannelAccountId } from '@crossdesk/contracts';

declare const brand: unique symbol;

/** An app that a seller registered at a platform. Known to this service only. */
export type ChannelAppId = string & { readonly [brand]: 'ChannelAppId' };
/** Whose address a delivery came to. */
export type WebhookAddressId = ChannelAccountId | ChannelAppId;
