import { join } from 'node:path';
import { createServiceSubgraph, type OpenedService, openService, type ServiceDeps } from '@crossdesk/service-kit';
import { loadLanguages } from './analysis/analysis.loaders.ts';
import { conversationsConsumer } from './consumers/conversations.consumer.ts';
import { ordersConsumer } from './consumers/orders.consumer.ts';
import { onMessageReceived } from './consumers/on-message-received.ts';
import type { DB } from './db.ts';
import type { GraphqlContext } from './graphql-context.ts';
import { resolvers } from './resolvers.ts';
import { loadDecisions } from './decision/decision.loaders.ts';
import { loadTemplates } from './template/template.loaders.ts';

export type AutomationService = OpenedService<DB>;

/** Opens the service: its database is ready, its consumer runs from `start` on. */
export async function openAutomation(deps: ServiceDeps): Promise<AutomationService> {
  const migrationsDirectory = join(import.meta.dirname, '../migrations');
  const runtime = await openService<DB>(deps, { service: 'automation', migrationsDirectory });
  runtime.consume(onMessageReceived(runtime));
  runtime.consume(conversationsConsumer(runtime));
  runtime.consume(ordersConsumer());
  const subgraph = createServiceSubgraph<DB, GraphqlContext>(runtime, {
    folder: join(import.meta.dirname, '..'),
    resolvers,
    context: (request) => ({
      request,
      app: { runtime },
      languages: loadLanguages(runtime, request),
      templates: loadTemplates(runtime, request),
      decisions: loadDecisions(runtime, request),
    }),
  });
  return { runtime, subgraph, start: runtime.start, stop: runtime.stop };
}
