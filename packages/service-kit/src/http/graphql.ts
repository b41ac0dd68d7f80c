import { isUuid, parseId } from '@crossdesk/contracts';
import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';

/** UTC instants: ISO 8601 with milliseconds on the wire, Date inside. */
export const dateTimeScalar = new GraphQLScalarType<Date, string>({
  name: 'DateTime',
  serialize: (value) => {
    if (value instanceof Date) return value.toISOString();
    throw new GraphQLError('DateTime is not a date');
  },
  parseValue: (value) => parseDateTime(value),
  parseLiteral: (node) => parseDateTime(node.kind === Kind.STRING ? node.value : null),
});

/** A zone is required: without one the same text would be a different instant on another machine. */
const instantPattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/;

function parseDateTime(value: unknown): Date {
  const date = typeof value === 'string' && instantPattern.test(value) ? new Date(value) : null;
  if (date === null || Number.isNaN(date.getTime())) {
    throw new GraphQLError('DateTime must be ISO 8601, for instance 2026-01-02T03:04:05.678Z', {
      extensions: { code: 'BAD_USER_INPUT' },
    });
  }
  return date;
}

const pageSizeMax = 100;

/** The requested page size. @throws GraphQLError BAD_USER_INPUT outside 1 to 100 */
export function pageSize(first: number): number {
  if (first >= 1 && first <= pageSizeMax) return first;
  throw new GraphQLError(`first must be between 1 and ${pageSizeMax}`, { extensions: { code: 'BAD_USER_INPUT' } });
}

/** A place in a list that is sorted by an instant and an id. */
export interface Keyset {
  readonly at: Date;
  readonly id: string;
}

/** A place in a list that is sorted by name and id. */
export interface NamePlace {
  readonly name: string;
  readonly id: string;
}

export function encodeNamePlace({ name, id }: NamePlace): string {
  return Buffer.from(`${id} ${name}`).toString('base64url');
}

/** Reads a cursor of `encodeNamePlace`; null for none. @throws GraphQLError BAD_USER_INPUT for any other text */
export function decodeNamePlace(cursor: string | null | undefined): NamePlace | null {
  if (cursor === null || cursor === undefined) return null;
  const [, id, name] = /^(\S+) ([^\0]*)$/su.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (id !== undefined && name !== undefined && isUuid(id)) return { id, name };
  throw noCursor();
}

function noCursor(): GraphQLError {
  return new GraphQLError('after is not a cursor of this list: take endCursor of the page before', {
    extensions: { code: 'BAD_USER_INPUT' },
  });
}

export function encodeKeyset({ at, id }: Keyset): string {
  return Buffer.from(`${at.toISOString()} ${id}`).toString('base64url');
}

/** Reads a cursor of `encodeKeyset`; null for none. @throws GraphQLError BAD_USER_INPUT for any other text */
export function decodeKeyset(cursor: string | null | undefined): Keyset | null {
  if (cursor === null || cursor === undefined) return null;
  const [instant, id] = Buffer.from(cursor, 'base64url').toString().split(' ');
  const at = new Date(instant ?? '');
  if (id === undefined || !isUuid(id) || Number.isNaN(at.getTime())) {
    throw noCursor();
  }
  return { at, id };
}

export interface Connection<Node> {
  readonly edges: { readonly cursor: string; readonly node: Node }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
}

/** A Relay page of rows that were read with `limit first + 1`. */
export function connectionOf<Row, Node>(
  rows: readonly Row[],
  page: { readonly first: number; readonly after: string | null | undefined },
  cursorOf: (row: Row) => string,
  nodeOf: (row: Row) => Node,
): Connection<Node> {
  const edges = rows.slice(0, page.first).map((row) => ({ cursor: cursorOf(row), node: nodeOf(row) }));
  return {
    edges,
    pageInfo: {
      hasNextPage: rows.length > page.first,
      hasPreviousPage: page.after !== null && page.after !== undefined,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}

/** The GraphQL spelling of one of our closed values: `tiktok-shop` is TIKTOK_SHOP. */
export function toEnum<Word extends string>(word: Word) {
  return word.toUpperCase().replaceAll('-', '_') as EnumName<Word>;
}

/** Our value for a GraphQL enum value; the schema allows no others. */
export function fromEnum<Word extends string>(words: readonly Word[], value: EnumName<Word>): Word {
  const word = words.find((candidate) => String(toEnum(candidate)) === value);
  if (word === undefined) throw new Error('the schema and our values of an enum differ: make them equal');
  return word;
}

const idOfNothing = '00000000-0000-0000-0000-000000000000';

/** Decodes an id of an input. A malformed one becomes an id that does not exist, so that it is not found. */
export function inputId<Id extends string>(text: string): Id {
  return parseId<Id>(text) ?? (idOfNothing as Id);
}

/** The GraphQL name of a value, at the type level. */
export type EnumName<Word extends string> = Word extends `${infer Head}-${infer Tail}`
  ? `${Uppercase<Head>}_${EnumName<Tail>}`
  : Uppercase<Word>;
