import { createAgent, createWorkspace } from '@crossdesk/conversation';
import { type AgentId, newId, type ServiceName, type TenantId } from '@crossdesk/contracts';
import {
  type Ask,
  connectShops,
  loadArticles,
  loadDesk,
  loadPolicy,
  loadServiceLevels,
  loadRules,
  loadTemplates,
  lumina,
  nordic,
  type Person,
  showChanges,
} from '@crossdesk/demo';
import type { RequestContext } from '@crossdesk/service-kit';
import { createTwin } from '@crossdesk/twin';
import type { StandaloneConfig } from './config.ts';
import type { Standalone } from './standalone.ts';

export interface Demo {
  readonly workspaces: readonly { readonly slug: string; readonly people: readonly Person[] }[];
  readonly twinUrl: string;
  readonly messagesPerMinute: number;
  stop(): Promise<void>;
}

const sellers = [lumina, nordic];

/** Two sellers with their people, their shops at the simulated platforms, and buyers who write. Safe to run at every start. */
export async function startDemo(
  config: StandaloneConfig,
  standalone: Standalone,
  progress: (step: string) => void,
): Promise<Demo> {
  progress('starting the simulated platforms and loading the demo sellers');
  const twin = createTwin({ seed: config.demo.seed });
  const twinUrl = await twin.listen(config.ports.twin, config.host);
  for (const seller of sellers) {
    const { tenantId } = await createWorkspace(standalone.conversation, seller);
    const people = await Promise.all(
      seller.people.map((person) => createAgent(standalone.conversation, tenantId, person)),
    );
    const admin = people.find((person) => person.role === 'admin');
    if (admin === undefined) throw new Error('the demo has no admin');
    const askAs = (service: ServiceName) => askService(standalone, service, { tenantId, agentId: admin.id });
    await connectShops(askAs('ingest'), twin, seller);
    await loadTemplates(askAs('automation'));
    await loadRules(askAs('automation'));
    await loadArticles(askAs('automation'));
    await loadPolicy(askAs('automation'));
    await loadServiceLevels(askAs('conversation'));
    await loadDesk(askAs('conversation'), seller.people);
  }
  const { messagesPerMinute } = config.demo;
  if (messagesPerMinute > 0) {
    showChanges(twin);
    twin.traffic.start({ perMinute: messagesPerMinute });
  }
  return { workspaces: sellers, twinUrl, messagesPerMinute, stop: twin.close };
}

/** Asks a service in this process, without a sign-in: with an OpenID provider there is no password sign-in. */
function askService(
  { subgraphs }: Standalone,
  service: ServiceName,
  admin: { readonly tenantId: TenantId; readonly agentId: AgentId },
): Ask {
  const subgraph = subgraphs.find(({ name }) => name === service);
  if (subgraph === undefined) throw new Error(`there is no service ${service}`);
  const context: RequestContext = {
    caller: { kind: 'agent', role: 'admin', authenticatedAtMs: Date.now(), ...admin },
    requestId: newId(),
    traceparent: `00-${newId().replaceAll('-', '')}-${newId().replaceAll('-', '').slice(0, 16)}-01`,
    clientAddress: '127.0.0.1',
    userAgent: '',
  };
  return async (query, variables) => {
    const { data, errors } = await subgraph.execute({ query, variables, operationName: undefined }, context);
    if (errors?.[0] !== undefined) throw errors[0];
    return data;
  };
}
