import type { Resolvers } from './graphql.generated.ts';
import { loadResolvers } from './inbox/load.resolvers.ts';
import { overviewResolvers } from './inbox/overview.resolvers.ts';

/** The resolvers of each room. */
export const resolvers: readonly Resolvers[] = [overviewResolvers, loadResolvers];
