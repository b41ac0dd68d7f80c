import { type ServiceName, serviceNames } from '@crossdesk/contracts';
import { countMax } from '@crossdesk/service-kit';
import { GraphQLError } from 'graphql';

/** Where to continue in each service: the cursor of its last shown row. */
export type Places = Readonly<Partial<Record<ServiceName, string>>>;

/** A page of one service, in the order of the merged list. */
export interface ServicePage<Node> {
  readonly service: ServiceName;
  readonly edges: readonly { readonly cursor: string; readonly node: Node }[];
  readonly hasNextPage: boolean;
  readonly totalCount: number;
  readonly isTotalCountExact: boolean;
}

export interface Merged<Node> {
  readonly edges: { readonly cursor: string; readonly node: Node & { readonly service: ServiceName } }[];
  readonly hasNextPage: boolean;
}

/** The first rows of all pages together. A cursor says how far each service was read, so the next page asks each for more. */
export function mergePages<Node>(
  pages: readonly ServicePage<Node>[],
  after: Places,
  first: number,
  compare: (a: Node, b: Node) => number,
): Merged<Node> {
  const rows = pages.flatMap(({ service, edges }) => edges.map((edge) => ({ ...edge, service })));
  // Stable: rows of one service that compare equal keep the order of the service.
  const sorted = rows.toSorted((a, b) => compare(a.node, b.node));
  let places = after;
  const edges = sorted.slice(0, first).map(({ service, cursor, node }) => {
    places = { ...places, [service]: cursor };
    return { cursor: encodePlaces(places), node: { ...node, service } };
  });
  return { edges, hasNextPage: sorted.length > first || pages.some(({ hasNextPage }) => hasNextPage) };
}

/** The number of rows in all pages of all services, up to the bound of every list. */
export function mergeCounts(pages: readonly Pick<ServicePage<unknown>, 'totalCount' | 'isTotalCountExact'>[]) {
  const count = pages.reduce((sum, { totalCount }) => sum + totalCount, 0);
  return {
    totalCount: Math.min(count, countMax),
    isTotalCountExact: count <= countMax && pages.every(({ isTotalCountExact }) => isTotalCountExact),
  };
}

/** One cursor of a service, or none, in the order of `serviceNames`. */
function encodePlaces(places: Places): string {
  return Buffer.from(JSON.stringify(serviceNames.map((name) => places[name] ?? null))).toString('base64url');
}

/** @throws GraphQLError BAD_USER_INPUT for a text that is no cursor of a merged list */
export function decodePlaces(cursor: string | null | undefined): Places {
  if (cursor === null || cursor === undefined) return {};
  const places = listIn(Buffer.from(cursor, 'base64url').toString());
  const isCursor = places?.length === serviceNames.length && places.every((each) => each === null || isText(each));
  if (isCursor) return Object.fromEntries(serviceNames.map((name, n) => [name, places[n] ?? undefined]));
  throw new GraphQLError('after is not a cursor of this list: take endCursor of the page before', {
    extensions: { code: 'BAD_USER_INPUT' },
  });
}

function listIn(text: string): readonly unknown[] | null {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
