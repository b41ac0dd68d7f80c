import type { Resolvers } from './graphql.generated.ts';
import { overviewResolvers } from './inbox/overview.resolvers.ts';

/** The resolvers of each room. */
export const resolvers: readonly Resolvers[] = [overviewResolvers];
