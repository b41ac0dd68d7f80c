import { join } from 'node:path';
import type { TenantId } from '@crossdesk/contracts';
import {
  createLoaders,
  createServiceSubgraph,
  type OpenedService,
  openService,
  type ServiceDeps,
} from '@crossdesk/service-kit';
import { onConversation } from './consumers/on-conversation.ts';
import type { DB } from './db.ts';
import type { Counter } from './inbox/inbox.domain.ts';
import { addTeller } from './inbox/teller.ts';
import { recount, recountAll } from './inbox/recount.commands.ts';
import { resolvers } from './resolvers.ts';

export interface AnalyticsService extends OpenedService<DB> {
  /** Compares the counters with the conversations, corrects them, and returns what was missing in each. */
  recount(tenantId: TenantId): Promise<Counter[]>;
}

/** Opens the service: its database is ready, its consumer and its nightly recount run from `start` on. */
export async function openAnalytics(deps: ServiceDeps): Promise<AnalyticsService> {
  const migrationsDirectory = join(import.meta.dirname, '../migrations');
  const runtime = await openService<DB>(deps, { service: 'analytics', migrationsDirectory, openToLimited: [] });
  runtime.consume(onConversation);
  addTeller(runtime);
  runtime.addJob({ name: 'recount', cron: '41 3 * * *', run: () => recountAll(runtime) });
  const subgraph = createServiceSubgraph(runtime, {
    folder: join(import.meta.dirname, '..'),
    resolvers,
    context: (request) => ({ request, loaders: createLoaders(runtime, request), app: { runtime } }),
  });
  return {
    runtime,
    subgraph,
    recount: (tenantId) => recount(runtime, tenantId),
    start: runtime.start,
    stop: runtime.stop,
  };
}
