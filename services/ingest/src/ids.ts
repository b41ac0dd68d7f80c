import type { ChannelAccountId } from '@crossdesk/contracts';

declare const brand: unique symbol;

/** An app that a seller registered at a platform. Known to this service only. */
export type ChannelAppId = string & { readonly [brand]: 'ChannelAppId' };
/** A job that reads the lists of an account again. Known to this service only. */
export type ResyncId = string & { readonly [brand]: 'ResyncId' };
/** The owner of the address that a delivery came to. */
export type WebhookAddressId = ChannelAccountId | ChannelAppId;
