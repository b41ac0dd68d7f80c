import type { BurstResult } from '@crossdesk/twin';
import type { Api } from './api.ts';

export interface StoredMessage {
  readonly externalId: string | null;
  readonly direction: string;
  readonly kind: string;
  readonly text: string | null;
  readonly language: { readonly locale: string } | null;
  readonly delivery: { readonly status: string } | null;
}

export interface StoredConversation {
  readonly id: string;
  readonly customer: { readonly id: string } | null;
  readonly messages: { readonly edges: readonly { readonly node: StoredMessage }[] };
}

const query = `query($after: String) { conversations(first: 20, after: $after) {
  edges { node { id customer { id }
    messages(first: 100, oldestFirst: true) { edges { node { externalId direction kind text language { locale } delivery { status } } } } } }
  pageInfo { hasNextPage endCursor } } }`;

/** Every conversation with every message, as a front end would read them. */
export async function readEverything(api: Api): Promise<StoredConversation[]> {
  const all: StoredConversation[] = [];
  let after: string | null = null;
  for (;;) {
    const {
      conversations,
    }: {
      conversations: {
        edges: { node: StoredConversation }[];
        pageInfo: { hasNextPage: boolean; endCursor: string | null };
      };
    } = await api.ask(query, { after });
    all.push(...conversations.edges.map(({ node }) => node));
    if (!conversations.pageInfo.hasNextPage) return all;
    after = conversations.pageInfo.endCursor;
  }
}

export interface Tally {
  readonly acknowledged: number;
  readonly lost: number;
  readonly doubled: number;
  readonly invented: number;
  readonly inverted: number;
}

/** Compares the stored messages with the acknowledged ones, which the sender recorded outside the system. */
export function tally(stored: readonly StoredConversation[], bursts: readonly BurstResult[]): Tally {
  const threads = bursts.flatMap(({ acknowledged }) => Object.values(acknowledged));
  const place = new Map(threads.flatMap((ids, thread) => ids.map((id, at) => [id, { thread, at }] as const)));
  const seen = new Map<string, number>();
  let [inverted, invented] = [0, 0];
  for (const { messages } of stored) {
    let before: { thread: number; at: number } | null = null;
    for (const { node } of messages.edges) {
      if (node.direction !== 'INBOUND' || node.externalId === null) continue;
      seen.set(node.externalId, (seen.get(node.externalId) ?? 0) + 1);
      const here = place.get(node.externalId);
      if (here === undefined) invented += 1;
      else {
        if (before !== null && (before.thread !== here.thread || before.at >= here.at)) inverted += 1;
        before = here;
      }
    }
  }
  return {
    acknowledged: place.size,
    lost: [...place.keys()].filter((id) => !seen.has(id)).length,
    doubled: [...seen.values()].filter((times) => times > 1).length,
    invented,
    inverted,
  };
}
