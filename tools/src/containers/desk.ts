import { type Ask, askOverHttp, fieldIn, openFirstSeller, type Seller, textIn } from '@crossdesk/demo';
import { hostAddress } from './docker.ts';
import type { ShopSystem } from './shop-system.ts';

const graphqlUrl = `http://127.0.0.1:${process.env['GATEWAY_PORT'] ?? '4000'}/graphql`;
const webhookOrigin = `http://127.0.0.1:${process.env['INGEST_PORT'] ?? '4001'}`;

const roles = ['agent', 'supervisor', 'admin'] as const;
const seller: Seller = {
  slug: 'verify',
  name: 'Verify',
  shops: /^$/,
  people: roles.map((role) => ({
    role,
    displayName: role,
    email: `${role}@verify.example`,
    password: `verify it as ${role}`,
  })),
};

/** Signs the admin in; first creates workspace and people if there are none. */
export async function comeIn(setupCode: string): Promise<Ask> {
  const { adminToken } = await openFirstSeller({ graphqlUrl, setupCode, seller });
  return askOverHttp(graphqlUrl, adminToken);
}

export async function signInAs(workspace: string, email: string, password: string): Promise<Ask> {
  const mutation = `mutation($input: SignInInput!) { signIn(input: $input) { accessToken } }`;
  const answer = await askOverHttp(graphqlUrl, null)(mutation, { input: { workspace, email, password } });
  return askOverHttp(graphqlUrl, textIn(fieldIn(answer, 'signIn'), 'accessToken'));
}

/** Connects the shop system; returns the webhook address as seen from this machine. */
export async function connect(ask: Ask, shop: ShopSystem): Promise<string> {
  const mutation = `mutation($input: ConnectChannelAccountInput!) {
    connectChannelAccount(input: $input) { webhookUrl errors { code message } } }`;
  const input = {
    channel: 'GENERIC',
    displayName: 'Verify',
    externalAccountId: 'verify-shop',
    credentials: [{ name: 'signing_secret', value: shop.signingSecret }],
    apiBaseUrl: `http://${hostAddress()}:${shop.port}`,
  };
  const payload = fieldIn(await ask(mutation, { input }), 'connectChannelAccount');
  const webhookUrl = textIn(payload, 'webhookUrl');
  if (webhookUrl === null) throw new Error(`not connected: ${JSON.stringify(payload)}`);
  return new URL(new URL(webhookUrl).pathname, webhookOrigin).toString();
}

export interface Shown {
  readonly id: string;
  readonly buyerName: string;
  readonly messages: readonly {
    readonly externalId: string | null;
    readonly text: string;
    readonly status: string | null;
  }[];
}

interface Edges<Node> {
  readonly edges: readonly { readonly node: Node }[];
}

/** The buyers who have written to the workspace, the first 50. */
export async function inbox(ask: Ask): Promise<readonly { readonly id: string; readonly buyerName: string }[]> {
  const data = (await ask(`{ conversations(first: 50) { edges { node { id buyerName } } } }`, {})) as {
    conversations: Edges<{ id: string; buyerName: string }>;
  };
  return data.conversations.edges.map(({ node }) => node);
}

/** One conversation with its latest 100 messages. */
export async function conversationWith(ask: Ask, buyerName: string): Promise<Shown> {
  const found = (await inbox(ask)).find((conversation) => conversation.buyerName === buyerName);
  if (found === undefined) throw new Error(`no conversation with ${buyerName} yet`);
  const query = `query($id: ID!) { conversation(id: $id) { messages(first: 100) {
    edges { node { externalId text delivery { status } } } } } }`;
  type Row = { externalId: string | null; text: string; delivery: { status: string } | null };
  const { conversation } = (await ask(query, { id: found.id })) as { conversation: { messages: Edges<Row> } };
  const messages = conversation.messages.edges.map(({ node: { externalId, text, delivery } }) => ({
    externalId,
    text,
    status: delivery?.status ?? null,
  }));
  return { ...found, messages };
}

/** The same text to the same conversation is one reply, however often it is requested. */
export async function reply(ask: Ask, conversationId: string, text: string): Promise<void> {
  const mutation = `mutation($input: SendMessageInput!) { sendMessage(input: $input) { message { id } errors { code message } } }`;
  const payload = fieldIn(
    await ask(mutation, { input: { clientMutationId: text, conversationId, text } }),
    'sendMessage',
  );
  if (typeof fieldIn(payload, 'message') !== 'object' || fieldIn(payload, 'message') === null)
    throw new Error(`not sent: ${JSON.stringify(payload)}`);
}
