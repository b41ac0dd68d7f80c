import { join } from 'node:path';
import {
  addDueWork,
  createServiceSubgraph,
  type OpenedService,
  openService,
  type ServiceDeps,
} from '@crossdesk/service-kit';
import { startAttribution } from './attribution/attribute.commands.ts';
import { addCampaignJob } from './campaign/campaign-job.ts';
import { feedbackConsumer } from './consumers/feedback.consumer.ts';
import { ledgerConsumer } from './consumers/ledger.consumer.ts';
import { outreachConsumer } from './consumers/outreach.consumer.ts';
import { linksConsumer } from './consumers/links.consumer.ts';
import type { DB } from './db.ts';
import { createLoaders } from './crm.loaders.ts';
import { startFollowUps } from './follow-up/follow-up-worker.ts';
import { measureGate, startGate } from './outreach/gate-worker.ts';
import { openToLimited } from './open-to-limited.ts';
import { addStatsWorker } from './value/stats/stats-worker.ts';
import { resolvers } from './resolvers.ts';

export type CrmService = OpenedService<DB>;

/** Opens the service: its database is ready, its consumer runs from `start` on. */
export async function openCrm(deps: ServiceDeps): Promise<CrmService> {
  const migrationsDirectory = join(import.meta.dirname, '../migrations');
  const runtime = await openService<DB>(deps, { service: 'crm', migrationsDirectory, openToLimited });
  const suppressionKey = deps.keys.of('crm/suppression').current;
  const nudgeGate = addDueWork(runtime, () => startGate({ ...runtime, suppressionKey }));
  const nudgeJob = addCampaignJob(runtime, nudgeGate);
  const nudgeCampaigns = () => {
    nudgeJob();
    nudgeGate();
  };
  measureGate(runtime);
  runtime.consume(linksConsumer({ ...runtime, suppressionKey, nudgeGate }));
  runtime.consume(outreachConsumer({ ...runtime, nudgeGate }));
  runtime.consume(ledgerConsumer(runtime));
  runtime.consume(feedbackConsumer(runtime));
  addDueWork(runtime, () => startFollowUps(runtime));
  addDueWork(runtime, () => startAttribution(runtime));
  const nudgeStats = addStatsWorker(runtime);
  const subgraph = createServiceSubgraph(runtime, {
    folder: join(import.meta.dirname, '..'),
    resolvers,
    context: (request) => ({
      ...{ request, app: { runtime, suppressionKey, nudgeStats, nudgeCampaigns } },
      loaders: createLoaders(runtime, request),
    }),
  });
  return { runtime, subgraph, start: runtime.start, stop: runtime.stop };
}
