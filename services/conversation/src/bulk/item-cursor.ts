import { GraphQLError } from 'graphql';

export function encodeSeq(seq: number): string {
  return Buffer.from(String(seq)).toString('base64url');
}

/** Reads a cursor of `encodeSeq`; 0 for none. @throws GraphQLError BAD_USER_INPUT for any other text */
export function decodeSeq(cursor: string | null | undefined): number {
  if (cursor === null || cursor === undefined) return 0;
  const text = Buffer.from(cursor, 'base64url').toString();
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new GraphQLError('after is not a cursor of this list: take endCursor of the page before', {
    extensions: { code: 'BAD_USER_INPUT' },
  });
}
