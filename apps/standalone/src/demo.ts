import { createAgent, createWorkspace } from '@crossdesk/conversation';
import { type AgentId, newId, type TenantId } from '@crossdesk/contracts';
import type { RequestContext, Role } from '@crossdesk/service-kit';
import { type ConnectedShop, createTwin } from '@crossdesk/twin';
import type { StandaloneConfig } from './config.ts';
import type { Standalone } from './standalone.ts';

interface Person {
  readonly role: Role;
  readonly displayName: string;
  readonly email: string;
  readonly password: string;
}

export interface Demo {
  readonly workspaces: readonly { readonly slug: string; readonly people: readonly Person[] }[];
  readonly twinUrl: string;
  readonly messagesPerMinute: number;
  stop(): Promise<void>;
}

const workspaces = [
  { slug: 'lumina', name: 'Lumina Home', shops: /^Lumina/ },
  { slug: 'nordic', name: 'Nordic Trail', shops: /^Nordic/ },
] as const;

/** Demo passwords are no secret: the demo listens on this machine and holds nobody's data. */
function peopleOf(slug: string): Person[] {
  const roles: readonly Role[] = ['agent', 'supervisor', 'admin'];
  return roles.map((role) => ({
    role,
    displayName: `${slug} ${role}`,
    email: `${role}@${slug}.example`,
    password: `demo-${slug}-${role}`,
  }));
}

/** Two sellers with their people, their shops at the simulated platforms, and buyers who write. Safe to run at every start. */
export async function startDemo(
  config: StandaloneConfig,
  standalone: Standalone,
  progress: (step: string) => void,
): Promise<Demo> {
  progress('starting the simulated platforms and loading the demo sellers');
  const twin = createTwin({ seed: config.twinSeed });
  const twinUrl = await twin.listen(config.ports.twin, config.host);
  for (const { slug, name, shops } of workspaces) {
    const { tenantId } = await createWorkspace(standalone.conversation, { slug, name });
    const people = await Promise.all(
      peopleOf(slug).map((person) => createAgent(standalone.conversation, tenantId, person)),
    );
    const admin = people.find((person) => person.role === 'admin');
    if (admin === undefined) throw new Error('the demo has no admin');
    for (const shop of twin.shops().filter((candidate) => shops.test(candidate.name))) {
      twin.setWebhookUrl(shop, await connect(standalone, { tenantId, agentId: admin.id }, shop));
    }
  }
  if (config.messagesPerMinute > 0) twin.traffic.start({ perMinute: config.messagesPerMinute });
  return {
    workspaces: workspaces.map(({ slug }) => ({ slug, people: peopleOf(slug) })),
    twinUrl,
    messagesPerMinute: config.messagesPerMinute,
    stop: twin.close,
  };
}

const connectShop = /* GraphQL */ `
  mutation ConnectShop($input: ConnectChannelAccountInput!) {
    connectChannelAccount(input: $input) {
      webhookUrl
      errors {
        message
      }
    }
  }
`;

/** Through the same mutation a seller uses; connecting a shop again only renews its credentials. Answers the webhook address. */
async function connect(
  { ingest }: Standalone,
  admin: { readonly tenantId: TenantId; readonly agentId: AgentId },
  shop: ConnectedShop,
): Promise<string> {
  const context: RequestContext = {
    caller: { kind: 'agent', role: 'admin', ...admin },
    requestId: newId(),
    traceparent: `00-${newId().replaceAll('-', '')}-${newId().replaceAll('-', '').slice(0, 16)}-01`,
    clientAddress: '127.0.0.1',
  };
  const input = {
    channel: shop.platform.toUpperCase().replaceAll('-', '_'),
    displayName: shop.name,
    externalAccountId: shop.externalAccountId,
    credentials: Object.entries(shop.credentials).map(([name, value]) => ({ name, value: String(value) })),
    apiBaseUrl: shop.baseUrls.api,
    authBaseUrl: shop.baseUrls.auth,
  };
  const { data, errors } = await ingest.subgraph.execute(
    { query: connectShop, variables: { input }, operationName: undefined },
    context,
  );
  const webhookUrl = readWebhookUrl(data);
  if (webhookUrl === null)
    throw new Error(`the demo shop ${shop.name} cannot be connected: ${errors?.[0]?.message ?? JSON.stringify(data)}`);
  return webhookUrl;
}

function readWebhookUrl(data: unknown): string | null {
  const payload: unknown =
    typeof data === 'object' && data !== null ? Reflect.get(data, 'connectChannelAccount') : null;
  const url: unknown = typeof payload === 'object' && payload !== null ? Reflect.get(payload, 'webhookUrl') : null;
  return typeof url === 'string' ? url : null;
}
