import { type Static, Type } from '@sinclair/typebox';
import { MessageContentSchema } from './content.ts';
import { erasedContent } from './personal.ts';
import { Nullable, OneOf } from './scalars.ts';

/** The side that reacted to a message, edited it or deleted it. */
export const MessageSideSchema = OneOf(['buyer', 'seller']);
export type MessageSide = Static<typeof MessageSideSchema>;

/** What happened to a message after it was sent. */
export const MessageChangeSchema = Type.Union(
  [
    Type.Object({
      kind: Type.Literal('reacted'),
      emoji: Nullable(Type.String({ description: 'null = the reaction was removed' })),
    }),
    Type.Object({ kind: Type.Literal('edited'), content: MessageContentSchema }),
    Type.Object({ kind: Type.Literal('deleted') }),
  ],
  { description: 'A side has one reaction to a message: a later one replaces it' },
);
export type MessageChange = Static<typeof MessageChangeSchema>;

/** The change without what a person wrote. */
export function erasedChange(change: MessageChange): MessageChange {
  switch (change.kind) {
    case 'reacted':
      return { kind: 'reacted', emoji: null };
    case 'edited':
      return { kind: 'edited', content: erasedContent(change.content) };
    case 'deleted':
      return change;
  }
}
