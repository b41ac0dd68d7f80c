import { createAgent, createWorkspace } from '@crossdesk/conversation';
import { type AgentId, newId, type TenantId } from '@crossdesk/contracts';
import { type Ask, connectShops, lumina, nordic, type Person, showChanges } from '@crossdesk/demo';
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
    await connectShops(askIngest(standalone, { tenantId, agentId: admin.id }), twin, seller);
  }
  const { messagesPerMinute } = config.demo;
  if (messagesPerMinute > 0) {
    showChanges(twin);
    twin.traffic.start({ perMinute: messagesPerMinute });
  }
  return { workspaces: sellers, twinUrl, messagesPerMinute, stop: twin.close };
}

/** Asks services/ingest in this process, without a sign-in: with an OpenID provider there is no password sign-in. */
function askIngest({ ingest }: Standalone, admin: { readonly tenantId: TenantId; readonly agentId: AgentId }): Ask {
  const context: RequestContext = {
    caller: { kind: 'agent', role: 'admin', authenticatedAtMs: Date.now(), ...admin },
    requestId: newId(),
    traceparent: `00-${newId().replaceAll('-', '')}-${newId().replaceAll('-', '').slice(0, 16)}-01`,
    clientAddress: '127.0.0.1',
  };
  return async (query, variables) => {
    const { data, errors } = await ingest.subgraph.execute({ query, variables, operationName: undefined }, context);
    if (errors?.[0] !== undefined) throw errors[0];
    return data;
  };
}
