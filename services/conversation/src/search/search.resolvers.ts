import { type ChannelAccountId, type ConversationId, parseId } from '@crossdesk/contracts';
import {
  fromEnum,
  isStatementTimeout,
  isWorkOverdue,
  pageSize,
  signedIn,
  storesWithin,
  toEnum,
} from '@crossdesk/service-kit';
import { GraphQLError } from 'graphql';
import type * as graphql from '../graphql.generated.ts';
import type { GraphqlContext } from '../graphql-context.ts';
import type { DocumentFilter, Found, Scan, SearchPlace } from './find-documents.store.ts';
import { decodeSearchCursor, encodeSearchCursor } from './search-cursor.ts';
import { queryCharactersMax, readQuery } from './search-query.domain.ts';
import { hitOf, scanIndex, type SearchInput } from './search.ts';

const searchKinds: readonly Found['kind'][] = ['message', 'note', 'conversation', 'order'];

export const searchResolvers: graphql.Resolvers<GraphqlContext> = {
  Query: {
    search: async (_, { query: text, kinds, first: asked, after: cursor, filter }, context) => {
      const first = pageSize(asked);
      const after = decodeSearchCursor(cursor);
      if (text.length > queryCharactersMax)
        throw refused('BAD_USER_INPUT', `query must have at most ${queryCharactersMax} characters`);
      const query = readQuery(text);
      const input = { query, filter: withinStores(filterOf(kinds, filter), context), limit: first + 1, after };
      const scan = await scanned(context, input);
      const hits = await Promise.all(scan.found.slice(0, first).map((one) => hitOf(context.loaders, one, query)));
      const edges = hits.flatMap((node, index) => {
        const found = scan.found[index];
        return node === null || found === undefined ? [] : [{ cursor: encodeSearchCursor(found), node }];
      });
      return { edges, pageInfo: pageInfoOf(scan, { first, after }) };
    },
  },
  SearchHit: {
    kind: ({ kind }) => toEnum(kind),
  },
};

async function scanned({ app, request }: GraphqlContext, input: SearchInput): Promise<Scan> {
  const { tenantId } = signedIn(request);
  try {
    return await scanIndex(app.searchDb, tenantId, input);
  } catch (error) {
    if (!isStatementTimeout(error) && !isWorkOverdue(error)) throw error;
    throw refused(
      'QUERY_TOO_COSTLY',
      'The search took too long: write more words, or ask for fewer kinds or accounts.',
    );
  }
}

/** The next page begins behind what was looked at, whether it is shown or not. */
function pageInfoOf(
  { found, stoppedAt }: Scan,
  { first, after }: { readonly first: number; readonly after: SearchPlace | null },
) {
  const shown = found.slice(0, first);
  const [start, end] = [shown.at(0), found.length > first ? shown.at(-1) : (stoppedAt ?? shown.at(-1))];
  return {
    hasNextPage: found.length > first || stoppedAt !== null,
    hasPreviousPage: after !== null,
    startCursor: start === undefined ? null : encodeSearchCursor(start),
    endCursor: end === undefined ? null : encodeSearchCursor(end),
  };
}

/** The index tells no limits of callers: what it finds is read under them, and its places must not tell of the rest. */
function withinStores(filter: DocumentFilter, { request }: Pick<GraphqlContext, 'request'>): DocumentFilter {
  return { ...filter, accountIds: storesWithin(signedIn(request).access, filter.accountIds) };
}

/** A malformed id matches nothing, like one that does not exist. */
function filterOf(
  kinds: readonly graphql.SearchKind[] | null | undefined,
  filter: graphql.SearchFilter | null | undefined,
): DocumentFilter {
  const { conversationId, accountIds, from, before } = filter ?? {};
  const conversation = typeof conversationId === 'string' ? parseId<ConversationId>(conversationId) : null;
  const isNowhere = typeof conversationId === 'string' && conversation === null;
  return {
    kinds: isNowhere ? [] : (kinds?.map((kind) => fromEnum(searchKinds, kind)) ?? null),
    conversationId: conversation,
    accountIds: accountIds?.flatMap((text) => parseId<ChannelAccountId>(text) ?? []) ?? null,
    from: from ?? null,
    before: before ?? null,
  };
}

function refused(code: string, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code } });
}
