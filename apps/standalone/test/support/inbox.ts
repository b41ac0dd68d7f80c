import type { Api } from './api.ts';

export interface Delivery {
  readonly status: string;
  readonly failure: string | null;
}

export interface ShownMessage {
  readonly id: string;
  readonly kind: string;
  readonly text: string | null;
  readonly author: string;
  readonly direction: string;
  readonly externalId: string | null;
  readonly occurredAt: string;
  readonly receivedAt: string;
  readonly recordedAt: string;
  readonly language: { readonly locale: string; readonly confidence: number; readonly engine: string } | null;
  readonly delivery: Delivery | null;
  readonly externalOrderId: string | null;
  readonly product: { readonly externalProductId: string } | null;
  readonly platformKind: string | null;
  readonly media: {
    readonly state: string;
    readonly url: string | null;
    readonly thumbnailUrl: string | null;
    readonly mimeType: string | null;
    readonly bytes: number | null;
  } | null;
  readonly stickerUrl: string | null;
}

export interface ShownConversation {
  readonly id: string;
  readonly number: number;
  readonly state: string;
  readonly waitingSince: string | null;
  readonly unreadCount: number;
  readonly version: number;
  readonly buyerName: string | null;
  readonly channel: string;
  readonly account: { readonly id: string; readonly displayName: string; readonly status: string };
  readonly assignee: { readonly id: string } | null;
  readonly messages: { readonly edges: readonly { readonly node: ShownMessage }[] };
  readonly notes: {
    readonly edges: readonly {
      readonly node: { readonly text: string; readonly author: { readonly displayName: string } };
    }[];
  };
  readonly customer: {
    readonly displayName: string | null;
    readonly identities: readonly {
      readonly kind: string;
      readonly value: string;
      readonly account: { readonly id: string } | null;
    }[];
    readonly orders: { readonly edges: readonly { readonly node: { readonly externalId: string } }[] };
    readonly conversations: { readonly edges: readonly { readonly node: { readonly id: string } }[] };
  } | null;
  readonly orderLink: {
    readonly confidence: number;
    readonly reason: string;
    readonly order: {
      readonly externalId: string;
      readonly state: string;
      readonly items: readonly {
        readonly sku: string | null;
        readonly title: string;
        readonly quantity: number;
        readonly unitPrice: { readonly amountMinor: string; readonly currency: string } | null;
      }[];
      readonly recipient: { readonly fullAddress: string | null; readonly isMasked: boolean } | null;
      readonly shipments: readonly {
        readonly carrier: string | null;
        readonly trackingNumber: string | null;
        readonly state: string;
      }[];
      readonly total: { readonly amountMinor: string; readonly currency: string } | null;
    };
  } | null;
}

/** Everything a front end shows of one conversation, from all five services, in one request. */
const inboxQuery = `query Inbox($id: ID!) {
  inboxOverview { conversationCount }
  conversation(id: $id) {
    id number state waitingSince unreadCount version buyerName channel
    account { id displayName status }
    assignee { id }
    messages(first: 20, oldestFirst: true) { edges { node {
      id kind text author direction externalId occurredAt receivedAt recordedAt
      language { locale confidence engine } delivery { status failure }
      externalOrderId product { externalProductId } platformKind media { state url thumbnailUrl mimeType bytes width height } stickerUrl
    } } }
    notes { edges { node { text author { displayName } } } }
    customer { displayName identities { kind value account { id } } 
      orders { edges { node { externalId } } } conversations { edges { node { id } } } }
    orderLink { confidence reason order {
      externalId state total { amountMinor currency }
      items { sku title quantity unitPrice { amountMinor currency } }
      recipient { fullAddress isMasked } shipments { carrier trackingNumber state }
    } }
  }
}`;

const rowsQuery = `query($accountIds: [ID!]) {
  conversations(first: 20, filter: { accountIds: $accountIds }) { edges { node { id buyerName } } } }`;

/** The conversation of an account with the buyer of this name. @throws when there is none yet */
export async function conversationWith(api: Api, accountId: string, buyerName: string): Promise<ShownConversation> {
  type Rows = { conversations: { edges: { node: Pick<ShownConversation, 'id' | 'buyerName'> }[] } };
  const { conversations } = await api.ask<Rows>(rowsQuery, { accountIds: [accountId] });
  const found = conversations.edges.filter(({ node }) => node.buyerName === buyerName);
  const [only] = found;
  if (only === undefined || found.length > 1) throw new Error(`${found.length} conversations with ${buyerName}`);
  const { conversation } = await api.ask<{ conversation: ShownConversation }>(inboxQuery, { id: only.node.id });
  return conversation;
}

export function messagesOf(conversation: ShownConversation): readonly ShownMessage[] {
  return conversation.messages.edges.map(({ node }) => node);
}

interface CountedConversation {
  readonly channel: string;
  readonly state: string;
  readonly unreadCount: number;
  readonly account: { readonly id: string };
  readonly phase: string;
  readonly assignee: { readonly id: string } | null;
  readonly team: { readonly id: string } | null;
  readonly enquiry: { readonly type: string } | null;
}

interface Page<Node> {
  readonly edges: readonly { readonly node: Node }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

/** Every conversation of the workspace, page by page. */
async function allConversations(api: Api): Promise<CountedConversation[]> {
  const query = `query($after: String) { conversations(first: 100, after: $after) {
    edges { node { channel state unreadCount account { id } phase assignee { id } team { id } enquiry { type } } } pageInfo { hasNextPage endCursor } } }`;
  const nodes: CountedConversation[] = [];
  let after: string | null = null;
  for (;;) {
    const { conversations }: { conversations: Page<CountedConversation> } = await api.ask(query, { after });
    nodes.push(...conversations.edges.map(({ node }) => node));
    if (!conversations.pageInfo.hasNextPage) return nodes;
    after = conversations.pageInfo.endCursor;
  }
}

export type Counters = Record<string, { readonly conversations: number; readonly unread: number }>;

type CountedBy = Pick<CountedConversation, 'channel' | 'state' | 'account' | 'phase' | 'team'>;

function counterName(
  { channel, account, state, phase, team }: CountedBy,
  agentId: string | undefined,
  enquiryType: string | null,
) {
  return [channel, account.id, state, phase, agentId, team?.id, enquiryType].join(' ');
}

/** The counters of analytics, by everything that a conversation has one of, without empty rows. */
export async function keptCounters(api: Api): Promise<Counters> {
  const query = `{ inboxOverview(groupBy: [PLATFORM, STORE, STATE, PHASE, AGENT, TEAM, TYPE]) { conversationCount
    rows { channel state account { id } phase agent { id } team { id } enquiryType conversationCount unreadMessageCount } } }`;
  const { inboxOverview } = await api.ask<{
    inboxOverview: {
      conversationCount: number;
      rows: (CountedBy & {
        readonly enquiryType: string | null;
        readonly agent: { readonly id: string } | null;
        readonly conversationCount: number;
        readonly unreadMessageCount: number;
      })[];
    };
  }>(query);
  const { rows } = inboxOverview;
  const total = rows.reduce((sum, row) => sum + row.conversationCount, 0);
  if (total !== inboxOverview.conversationCount) throw new Error('rows and total differ');
  return Object.fromEntries(
    rows.map((row) => [
      counterName(row, row.agent?.id, row.enquiryType),
      { conversations: row.conversationCount, unread: row.unreadMessageCount },
    ]),
  );
}

/** The same counters, recounted from every conversation. */
export async function recount(api: Api): Promise<Counters> {
  const counters: Record<string, { conversations: number; unread: number }> = {};
  for (const one of await allConversations(api)) {
    const counter = (counters[counterName(one, one.assignee?.id, one.enquiry?.type ?? null)] ??= {
      conversations: 0,
      unread: 0,
    });
    counter.conversations += 1;
    counter.unread += one.unreadCount;
  }
  return counters;
}
