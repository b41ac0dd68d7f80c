import type { RequestContext } from '../caller/request-context.ts';
import { createSubgraph, readSdl, type Subgraph, type SubgraphSpec } from '../http/subgraph.ts';
import type { ServiceRuntime } from '../service/service.ts';
import { operatorResolvers, operatorSdl } from './operator.resolvers.ts';

interface ServiceSubgraph<Context> extends Pick<SubgraphSpec<Context>, 'resolvers' | 'context'> {
  /** The folder of the service, with its SDL. */
  readonly folder: string;
}

/** The subgraph of a service: its own rooms, and what every service answers about itself. */
export function createServiceSubgraph<Tables, Context extends { readonly request: RequestContext }>(
  runtime: ServiceRuntime<Tables>,
  { folder, resolvers, context }: ServiceSubgraph<Context>,
): Subgraph {
  return createSubgraph<Context>({
    name: runtime.name,
    sdl: [readSdl(folder), operatorSdl].join('\n'),
    resolvers: [...resolvers, operatorResolvers(runtime)],
    log: runtime.log,
    context,
  });
}
