import { openAnalytics } from '@crossdesk/analytics';
import { openAutomation } from '@crossdesk/automation';
import { openCrm } from '@crossdesk/crm';
import { createLog, type ServiceDeps, type Subgraph, systemClock } from '@crossdesk/service-kit';
import { openTestBroker, testKeys } from '@crossdesk/testkit';
import type { Installation } from './installation.ts';

/** The services as the gateway sees them. The standalone does not expose three of them: they are opened a second time. */
export async function openSubgraphs({
  databaseUrl,
  conversation,
  ingest,
}: ReturnType<Installation['running']>): Promise<{
  readonly subgraphs: Readonly<Record<string, Subgraph>>;
  stop(): Promise<void>;
}> {
  const broker = openTestBroker(databaseUrl);
  const log = createLog('test', 'silent');
  const deps: ServiceDeps = {
    ...{ databaseUrl, broker, log },
    ...{ keys: testKeys, clock: systemClock, outboxKeptMonths: null },
  };
  const [crm, automation] = [await openCrm(deps), await openAutomation(deps, { allowPrivateAddresses: true })];
  const analytics = await openAnalytics(deps);
  return {
    subgraphs: {
      ingest: ingest.subgraph,
      conversation: conversation.subgraph,
      crm: crm.subgraph,
      automation: automation.subgraph,
      analytics: analytics.subgraph,
    },
    stop: async () => {
      await crm.stop(5_000);
      await automation.stop(5_000);
      await analytics.stop(5_000);
      await broker.close();
    },
  };
}
