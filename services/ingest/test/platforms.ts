import { type ChannelAccountId, type ConversationId, type MessageId, newId, type TenantId } from '@crossdesk/contracts';
import { type Clock, createHealth, systemClock } from '@crossdesk/service-kit';
import {
  anAgent,
  anEvent,
  ask,
  type Figures,
  freePorts,
  openHarness,
  readFigures,
  type TestHarness,
} from '@crossdesk/testkit';
import { type ConnectedShop, createTwin, type Platform, type Twin } from '@crossdesk/twin';
import { type IngestOptions, type IngestService, openIngest } from '../src/index.ts';

/** Ingest with the simulated platforms on the other side of real sockets. */
export interface Platforms {
  readonly harness: TestHarness;
  readonly ingest: IngestService;
  readonly twin: Twin;
  readonly twinUrl: string;
  connect(tenantId: TenantId, platform: Platform, externalAccountId: string): Promise<Connected>;
  figures(): Promise<Figures>;
  close(): Promise<void>;
}

export interface Connected {
  readonly tenantId: TenantId;
  readonly accountId: ChannelAccountId;
  readonly shop: ConnectedShop;
}

const connectMutation = `mutation($input: ConnectChannelAccountInput!) {
  connectChannelAccount(input: $input) { account { id status } webhookUrl errors { code message path } } }`;

export interface ConnectPayload {
  readonly account: { readonly id: ChannelAccountId; readonly status: string } | null;
  readonly webhookUrl: string | null;
  readonly errors: readonly { readonly code: string; readonly message: string; readonly path: readonly string[] }[];
}

export async function connectAs(
  ingest: IngestService,
  tenantId: TenantId,
  input: Record<string, unknown>,
): Promise<ConnectPayload> {
  const { data, errors } = await ask(ingest.subgraph, anAgent(tenantId, 'admin'), connectMutation, { input });
  if (data === null) throw new Error(JSON.stringify(errors));
  return (data as { connectChannelAccount: ConnectPayload }).connectChannelAccount;
}

export function inputOf(shop: ConnectedShop): Record<string, unknown> {
  return {
    channel: shop.platform.toUpperCase().replaceAll('-', '_'),
    displayName: shop.name,
    externalAccountId: shop.externalAccountId,
    credentials: Object.entries(shop.credentials).map(([name, value]) => ({ name, value })),
    apiBaseUrl: shop.baseUrls.api,
    authBaseUrl: shop.baseUrls.auth,
  };
}

export function mediaIn({ mediaDirectory }: TestHarness): IngestOptions['media'] {
  return { store: { directory: mediaDirectory }, bytesMax: 200_000, tenantBytesMax: null, keptDays: null };
}

export async function openPlatforms(
  seed: string,
  media?: Partial<IngestOptions['media']>,
  clock: Clock = systemClock,
): Promise<Platforms> {
  const harness = await openHarness({ clock });
  // Shopee signs the address together with the body, so the address has to be known before anything listens there.
  const [port = 0] = await freePorts(1);
  const publicWebhookUrl = `http://127.0.0.1:${port}`;
  const ingest = await openIngest(harness.deps, {
    publicWebhookUrl,
    allowPrivateAddresses: true,
    syncEveryMs: 3_600_000,
    trustedProxies: [],
    platformTimeoutMs: 500,
    readBackSettleMs: 0,
    resyncPauseMs: 0,
    media: { ...mediaIn(harness), ...media },
  });
  await ingest.start();
  await ingest.http.listen({ port, host: '127.0.0.1' });
  const twin = createTwin({ seed, pushRetriesMs: [20, 50] });
  const twinUrl = await twin.listen(0);
  return {
    harness,
    ingest,
    twin,
    twinUrl,
    async connect(tenantId, platform, externalAccountId) {
      const shop = twin.addShop({ platform, externalAccountId });
      const { account, webhookUrl, errors } = await connectAs(ingest, tenantId, inputOf(shop));
      if (account === null || webhookUrl === null) throw new Error(JSON.stringify(errors));
      twin.setWebhookUrl(shop, webhookUrl);
      return { tenantId, accountId: account.id, shop };
    },
    figures: () => figuresOf(ingest),
    async close() {
      await twin.close();
      await ingest.stop(5_000);
      await harness.close();
    },
  };
}

async function figuresOf({ runtime }: IngestService): Promise<Figures> {
  const { log, metrics, problems } = runtime;
  const health = createHealth({ service: 'ingest', log, metrics: [metrics], problems });
  return readFigures((await health.inject({ url: '/metrics' })).body);
}

/** A buyer writes; returns the conversation that ingest created for it. */
export async function conversationOf(
  { harness, twin }: Platforms,
  { shop, accountId }: Connected,
  buyer: string,
): Promise<ConversationId> {
  const { messageId } = twin.buyerSays({ shop, buyer, content: { kind: 'text', text: `Hello from ${buyer}` } });
  const { data } = await harness.events.next(
    'ingest.message-received',
    (event) => event.data.externalMessageId === messageId && event.data.accountId === accountId,
  );
  return data.conversationId;
}

export function replyTo(to: Connected, conversationId: ConversationId, text: string) {
  const { tenantId, accountId } = to;
  const messageId = newId<MessageId>();
  const lastInboundAt = new Date().toISOString();
  const content = { kind: 'text', text } as const;
  return anEvent(
    'conversation.reply-requested',
    { conversationId, messageId, accountId, content, lastInboundAt },
    { tenantId, aggregateId: conversationId },
  );
}

export function statusOf({ harness }: Platforms, messageId: MessageId, status: string) {
  return harness.events.next(
    'ingest.delivery-updated',
    ({ data }) => data.messageId === messageId && data.status === status,
  );
}
