import { type Static, Type } from '@sinclair/typebox';
import { Nullable, OneOf } from './scalars.ts';

/**
 * A channel word. The list is open, so that a new channel changes no schema; docs/channels.md has those of this version.
 * The word is the same in SQL, events, GraphQL (upper case) and webhook addresses.
 */
export const ChannelSchema = Type.String({
  pattern: '^[a-z][a-z0-9]*(-[a-z0-9]+)*$',
  maxLength: 40,
  description: 'The platform a message or order comes from; docs/channels.md lists the words',
});

/** The content of a message. `kind` decides the shape. An unknown kind is `unsupported`; ingest keeps its raw payload. */
export const MessageContentSchema = Type.Union([
  Type.Object({ kind: Type.Literal('text'), text: Type.String() }),
  Type.Object({
    kind: OneOf(['image', 'video', 'audio', 'file']),
    url: Nullable(Type.String()),
    thumbnailUrl: Nullable(Type.String()),
    mediaId: Nullable(Type.String({ description: 'platform handle when there is no URL yet' })),
    mimeType: Nullable(Type.String()),
    fileName: Nullable(Type.String()),
    caption: Nullable(Type.String()),
  }),
  Type.Object({ kind: Type.Literal('sticker'), stickerId: Nullable(Type.String()), url: Nullable(Type.String()) }),
  Type.Object({ kind: Type.Literal('order'), externalOrderId: Type.String() }),
  Type.Object({
    kind: Type.Literal('product'),
    externalProductId: Type.String(),
    title: Nullable(Type.String()),
    imageUrl: Nullable(Type.String()),
  }),
  Type.Object({
    kind: Type.Literal('location'),
    latitude: Type.Number(),
    longitude: Type.Number(),
    name: Nullable(Type.String()),
  }),
  Type.Object({ kind: Type.Literal('system'), text: Type.String() }),
  Type.Object({ kind: Type.Literal('unsupported'), platformKind: Type.String() }),
]);
export type MessageContent = Static<typeof MessageContentSchema>;
export type MessageKind = MessageContent['kind'];

/** The readable text of a message, for search, language detection and previews. */
export function textOf(content: MessageContent): string | null {
  switch (content.kind) {
    case 'text':
    case 'system':
      return content.text;
    case 'image':
    case 'video':
    case 'audio':
    case 'file':
      return content.caption;
    default:
      return null;
  }
}

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
