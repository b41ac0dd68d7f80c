import { signedIn } from '@crossdesk/service-kit';
import { GraphQLError } from 'graphql';
import { unavailable } from '../federation/unavailable.ts';
import type { Resolvers } from '../graphql.generated.ts';
import type { Hidden, NodeReference } from './node.loader.ts';

const idsMax = 100;

export const nodeResolvers: Resolvers = {
  Query: {
    node: async (_, { id }, { request, nodes }) => {
      signedIn(request);
      const found = await nodes.load(id);
      return isFound(found) ? found : refuse(found, 'node');
    },
    nodes: async (_, { ids }, { request, nodes }) => {
      signedIn(request);
      if (ids.length > idsMax) {
        throw new GraphQLError(`ids takes at most ${idsMax} ids`, { extensions: { code: 'BAD_USER_INPUT' } });
      }
      const found = await Promise.all(ids.map((id) => nodes.load(id)));
      // Only the ids that were not found are refused, not the whole list.
      return found.map((one) => (isFound(one) ? one : refuse(one, 'nodes')));
    },
  },
};

function isFound(one: NodeReference | Hidden | null): one is NodeReference | null {
  return one === null || 'id' in one;
}

async function refuse(hidden: Hidden, field: string): Promise<never> {
  throw 'silent' in hidden ? unavailable(hidden.silent, `{ ${field} }`, [], 'none') : hidden.refused;
}
