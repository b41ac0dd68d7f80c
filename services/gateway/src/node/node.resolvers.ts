import type { ServiceName } from '@crossdesk/contracts';
import { signedIn } from '@crossdesk/service-kit';
import { GraphQLError } from 'graphql';
import { unavailable } from '../federation/unavailable.ts';
import type { Resolvers } from '../graphql.generated.ts';

const idsMax = 100;

export const nodeResolvers: Resolvers = {
  Query: {
    node: async (_, { id }, { request, nodes }) => {
      signedIn(request);
      const found = await nodes.load(id);
      return found !== null && 'silent' in found ? refuse(found.silent, 'node') : found;
    },
    nodes: async (_, { ids }, { request, nodes }) => {
      signedIn(request);
      if (ids.length > idsMax) {
        throw new GraphQLError(`ids takes at most ${idsMax} ids`, { extensions: { code: 'BAD_USER_INPUT' } });
      }
      const found = await Promise.all(ids.map((id) => nodes.load(id)));
      // Only the ids that were not found are refused, not the whole list.
      return found.map((one) => (one !== null && 'silent' in one ? refuse(one.silent, 'nodes') : one));
    },
  },
};

async function refuse(silent: ServiceName, field: string): Promise<never> {
  throw unavailable(silent, `{ ${field} }`, [], 'none');
}
