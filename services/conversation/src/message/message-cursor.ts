import { isUuid } from '@crossdesk/contracts';
import { GraphQLError } from 'graphql';
import type { Message } from './message.domain.ts';
import type { MessagePlace } from './message.store.ts';

export function encodeMessageCursor({ occurredAt: at, position, id }: Message): string {
  return encodePlace({ at, position, id });
}

/** A place in the order of a conversation. */
export function encodePlace({ at, position, id }: MessagePlace): string {
  return Buffer.from(`${at.toISOString()} ${position} ${id}`).toString('base64url');
}

/** Reads a cursor of a list of messages; null for none. @throws GraphQLError BAD_USER_INPUT for any other text */
export function decodeMessageCursor(cursor: string | null | undefined): MessagePlace | null {
  if (cursor === null || cursor === undefined) return null;
  const [instant = '', position = '', id = ''] = Buffer.from(cursor, 'base64url').toString().split(' ');
  const at = new Date(instant);
  if (isUuid(id) && /^[0-9]{1,100}$/.test(position) && !Number.isNaN(at.getTime())) return { at, position, id };
  throw new GraphQLError('after is not a cursor of this list: take endCursor of the page before', {
    extensions: { code: 'BAD_USER_INPUT' },
  });
}
