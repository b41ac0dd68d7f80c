import { isUuid } from '@crossdesk/contracts';
import { GraphQLError } from 'graphql';
import type { SearchPlace } from './find-documents.store.ts';

const kinds: readonly SearchPlace['kind'][] = ['message', 'note', 'conversation', 'order', ''];

export function encodeSearchCursor({ id, kind }: SearchPlace): string {
  return Buffer.from(`${id} ${kind}`).toString('base64url');
}

/** Reads a cursor of a search; null for none. @throws GraphQLError BAD_USER_INPUT for any other text */
export function decodeSearchCursor(cursor: string | null | undefined): SearchPlace | null {
  if (cursor === null || cursor === undefined) return null;
  const [id = '', word] = Buffer.from(cursor, 'base64url').toString().split(' ');
  const kind = kinds.find((one) => one === word);
  if (isUuid(id) && kind !== undefined) return { id, kind };
  throw new GraphQLError('after is not a cursor of this list: take endCursor of the page before', {
    extensions: { code: 'BAD_USER_INPUT' },
  });
}
