import { type Static, Type } from '@sinclair/typebox';
import { OneOf } from './scalars.ts';

/**
 * A channel word. The list is open, so that a new channel changes no schema; docs/channels.md has those of this version.
 * The word is the same in SQL, events, GraphQL (upper case) and webhook addresses.
 */
export const ChannelSchema = Type.String({
  pattern: '^[a-z][a-z0-9]*(-[a-z0-9]+)*$',
  maxLength: 40,
  description: 'The platform a message or order comes from; docs/channels.md lists the words',
});

/** Delivery of an outgoing message. `unknown` = the platform may or may not have executed it; it is never resent blindly. */
export const DeliveryStatusSchema = OneOf(['queued', 'sent', 'delivered', 'read', 'failed', 'unknown']);
export type DeliveryStatus = Static<typeof DeliveryStatusSchema>;

/** Why a send failed: the shared classes of channel errors. */
export const DeliveryFailureSchema = OneOf([
  'WINDOW_CLOSED',
  'QUOTA',
  'REAUTHORISE',
  'RECIPIENT_UNREACHABLE',
  'POLICY_BLOCKED',
  'INVALID_REQUEST',
  'UNSUPPORTED',
  'ACCOUNT_DISABLED',
  'PLATFORM_ERROR',
  'GIVEN_UP',
]);
export type DeliveryFailure = Static<typeof DeliveryFailureSchema>;
