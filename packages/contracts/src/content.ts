import { type Static, Type } from '@sinclair/typebox';
import { Money, Nullable, OneOf, UploadIdSchema } from './scalars.ts';

const words = Nullable(Type.String());

const MediaContentSchema = Type.Object({
  kind: OneOf(['image', 'video', 'audio', 'file']),
  url: Nullable(Type.String()),
  thumbnailUrl: Nullable(Type.String()),
  mediaId: Nullable(Type.String({ description: 'platform handle when there is no URL yet' })),
  mimeType: Nullable(Type.String()),
  fileName: Nullable(Type.String()),
  caption: Nullable(Type.String()),
  uploadId: Type.Optional(UploadIdSchema),
  bytes: Type.Optional(Type.Integer({ minimum: 1, description: 'of an uploaded file' })),
});

const CartItemSchema = Type.Object({
  externalProductId: Type.String({ description: 'the id or SKU by which the platform names the product' }),
  title: words,
  quantity: Type.String({ description: 'decimal text, as the buyer entered it' }),
  unitPrice: Nullable(Money),
});

const ContactSchema = Type.Object({
  name: words,
  organisation: words,
  phones: Type.Array(Type.String()),
  emails: Type.Array(Type.String()),
});

const FormAnswerSchema = Type.Object({ name: Type.String(), value: Type.String() });

/** The content of a message. `kind` decides the shape. An unknown kind is `unsupported`; ingest keeps its raw payload. */
export const MessageContentSchema = Type.Union([
  Type.Object({ kind: Type.Literal('text'), text: Type.String() }),
  MediaContentSchema,
  Type.Object({ kind: Type.Literal('sticker'), stickerId: Nullable(Type.String()), url: Nullable(Type.String()) }),
  Type.Object({ kind: Type.Literal('order'), externalOrderId: Type.String() }),
  Type.Object({
    kind: Type.Literal('product'),
    externalProductId: Type.String(),
    title: Nullable(Type.String()),
    imageUrl: Nullable(Type.String()),
  }),
  Type.Object(
    { kind: Type.Literal('return'), externalOrderId: Type.String(), externalProductId: words },
    { description: 'a card of a return or refund of an order' },
  ),
  Type.Object({ kind: Type.Literal('coupon'), externalCouponId: Type.String(), title: words }),
  Type.Object(
    { kind: Type.Literal('cart'), text: words, items: Type.Array(CartItemSchema) },
    { description: 'products that the buyer wants; not an order yet' },
  ),
  Type.Object(
    { kind: Type.Literal('choice'), title: Type.String(), description: words, externalChoiceId: words },
    { description: 'the buyer chose a button or a row of a list' },
  ),
  Type.Object(
    {
      kind: Type.Literal('form'),
      title: words,
      text: words,
      answers: Type.Array(FormAnswerSchema, { description: 'empty if the platform sent no readable answers' }),
    },
    { description: 'the buyer filled in a form' },
  ),
  Type.Object({ kind: Type.Literal('contacts'), contacts: Type.Array(ContactSchema) }),
  Type.Object({
    kind: Type.Literal('location'),
    latitude: Type.Number(),
    longitude: Type.Number(),
    name: Nullable(Type.String()),
    address: words,
  }),
  Type.Object(
    { kind: Type.Literal('bundle'), externalMessageIds: Type.Array(Type.String()) },
    { description: "the buyer's messages to the bot of the platform, handed over together" },
  ),
  Type.Object({ kind: Type.Literal('system'), text: Type.String() }),
  Type.Object({ kind: Type.Literal('unsupported'), platformKind: Type.String() }),
]);
export type MessageContent = Static<typeof MessageContentSchema>;
export type MessageKind = MessageContent['kind'];
export type MediaContent = Static<typeof MediaContentSchema>;
type Contact = Static<typeof ContactSchema>;
export type CartItem = Static<typeof CartItemSchema>;

/** What the platform tells about a message besides its content. */
export const MessageContextSchema = Type.Object(
  {
    referral: Nullable(
      Type.Object(
        { sourceUrl: words, headline: words, body: words, imageUrl: words, adId: words },
        { description: 'the advertisement or post that brought the buyer here' },
      ),
    ),
    product: Nullable(
      Type.Object(
        { externalProductId: Type.String(), externalCatalogId: words },
        { description: 'the product that the buyer writes about' },
      ),
    ),
    problem: Nullable(
      Type.Object(
        {
          class: OneOf(
            ['UNSUPPORTED', 'MEDIA_UNAVAILABLE', 'PLATFORM_ERROR'],
            'UNSUPPORTED: the platform cannot pass on this kind of message; MEDIA_UNAVAILABLE: it could not load the file of the sender',
          ),
          code: words,
          message: words,
        },
        { description: 'why the platform could not pass on all of the message' },
      ),
    ),
    mail: Type.Optional(
      Type.Object(
        {
          subject: words,
          quoted: Nullable(
            Type.Object(
              { text: Type.String({ description: 'its beginning; the kept mail has all of it' }) },
              { description: 'the earlier mails that it repeats, apart from what is new' },
            ),
          ),
          others: Type.Array(Type.Object({ address: Type.String(), name: words }), {
            description: 'who else received it, without the store',
          }),
          isAutomatic: Type.Boolean({
            description: 'a program wrote it, such as a notice of absence or a mailing list: no program may answer',
          }),
        },
        { description: 'of a mail only' },
      ),
    ),
  },
  { description: 'what the platform tells about the message besides its content' },
);
export type MessageContext = Static<typeof MessageContextSchema>;

/** What people wrote or chose, for language detection; null for content without words. */
export function wordsOf(content: MessageContent): string | null {
  switch (content.kind) {
    case 'text':
    case 'system':
    case 'cart':
      return content.text;
    case 'image':
    case 'video':
    case 'audio':
    case 'file':
      return content.caption;
    case 'choice':
      return joined([content.title, content.description], '\n');
    case 'form':
      return joined([content.text, ...content.answers.map(({ value }) => value)], '\n');
    default:
      return null;
  }
}

/** Everything in a message that people can read, for the API and for search; null for none. */
export function textOf(content: MessageContent): string | null {
  switch (content.kind) {
    case 'cart':
      return joined([content.text, ...content.items.map(cartLine)], '\n');
    case 'form':
      return joined(
        [content.title, content.text, ...content.answers.map(({ name, value }) => `${name}: ${value}`)],
        '\n',
      );
    case 'contacts':
      return joined(content.contacts.map(contactLine), '\n');
    case 'location':
      return joined([content.name, content.address], ', ');
    case 'product':
    case 'coupon':
      return content.title;
    default:
      return wordsOf(content);
  }
}

/** A line for lists: the readable text, or the kind in brackets with the number it is about. */
export function lineOf(content: MessageContent): string {
  const text = textOf(content);
  return text === null ? (joined([`[${content.kind}]`, numberOf(content)], ' ') ?? '') : text;
}

function numberOf(content: MessageContent): string | null {
  switch (content.kind) {
    case 'order':
    case 'return':
      return content.externalOrderId;
    case 'product':
      return content.externalProductId;
    case 'coupon':
      return content.externalCouponId;
    case 'image':
    case 'video':
    case 'audio':
    case 'file':
      return content.fileName;
    case 'bundle':
      return String(content.externalMessageIds.length);
    case 'unsupported':
      return content.platformKind;
    default:
      return null;
  }
}

function contactLine({ name, organisation, phones, emails }: Contact): string | null {
  return joined([name, organisation, ...phones, ...emails], ' ');
}

/** Without the price: people read an amount in the form of their locale. */
function cartLine({ externalProductId, title, quantity }: CartItem): string {
  return `${quantity} x ${title ?? externalProductId}`;
}

function joined(parts: readonly (string | null)[], separator: string): string | null {
  const present = parts.filter((part) => part !== null && part !== '');
  return present.length === 0 ? null : present.join(separator);
}
