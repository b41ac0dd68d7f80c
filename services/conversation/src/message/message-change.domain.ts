import { lineOf, type MessageChange, type MessageContent, type MessageSide } from '@crossdesk/contracts';

/** The latest reaction of a side; without an emoji it was removed. */
export interface Reaction {
  readonly by: MessageSide;
  readonly emoji: string | null;
  readonly at: Date;
}

/** One edit, with the content from then on. */
export interface Edit {
  readonly by: MessageSide;
  readonly content: MessageContent;
  readonly at: Date;
}

/** What can happen to a message. */
export interface Changeable {
  /** As it was first written; `latestContent` knows its edits. */
  readonly content: MessageContent;
  readonly reactions: readonly Reaction[];
  /** Oldest first. */
  readonly edits: readonly Edit[];
  readonly deletedAt: Date | null;
}

export interface ToldChange {
  readonly by: MessageSide;
  readonly change: MessageChange;
  readonly at: Date;
}

/**
 * The message after a reaction, an edit or a deletion; the same object if it changes nothing. The platform's time
 * decides, so that changes in any order have the same result; of two at one time the later to arrive is valid.
 */
export function applyChange<Message extends Changeable>(message: Message, { by, change, at }: ToldChange): Message {
  switch (change.kind) {
    case 'reacted':
      return withReaction(message, { by, emoji: change.emoji, at });
    case 'edited':
      return withEdit(message, { by, content: change.content, at });
    case 'deleted': {
      const { deletedAt } = message;
      return deletedAt !== null && deletedAt <= at ? message : { ...message, deletedAt: at };
    }
  }
}

function withReaction<Message extends Changeable>(message: Message, reaction: Reaction): Message {
  const known = message.reactions.find(({ by }) => by === reaction.by);
  if (known !== undefined && (known.at > reaction.at || known.emoji === reaction.emoji)) return message;
  return { ...message, reactions: [...message.reactions.filter((other) => other !== known), reaction] };
}

function withEdit<Message extends Changeable>(message: Message, edit: Edit): Message {
  const later = message.edits.findIndex(({ at }) => at > edit.at);
  return { ...message, edits: message.edits.toSpliced(later === -1 ? message.edits.length : later, 0, edit) };
}

/** The content since the last edit. */
export function latestContent({ content, edits }: Pick<Changeable, 'content' | 'edits'>): MessageContent {
  return edits.at(-1)?.content ?? content;
}

/** The line of a message in lists: nothing of a deleted one. */
export function shownLine(message: Pick<Changeable, 'content' | 'edits' | 'deletedAt'>): string {
  return message.deletedAt === null ? lineOf(latestContent(message)) : '[deleted]';
}

/** The reactions that are there now. */
export function shownReactions({
  reactions,
}: Pick<Changeable, 'reactions'>): (Reaction & { readonly emoji: string })[] {
  return reactions.flatMap(({ emoji, ...reaction }) => (emoji === null ? [] : [{ ...reaction, emoji }]));
}
