import { type Client, createClient } from 'graphql-ws';

export interface ShownToHerd {
  readonly eventId: string;
  readonly conversationId: string;
  readonly version: number;
}

export interface HerdOptions {
  readonly graphqlUrl: string;
  readonly token: string | null;
  readonly size: number;
  /** `onShown` is called for everything that the first `sampled` subscribers are shown. */
  readonly sampled: number;
  onShown(subscriber: number, event: ShownToHerd): void;
}

/** People who look at the inbox. Each has a socket of their own and continues where it stopped, as a browser does. */
export interface Herd {
  /** How many were shown anything so far. */
  begun(): number;
  /** Counts from now on who is shown the message with this platform id. */
  lookFor(externalId: string): void;
  /** How many were shown that message. */
  found(): number;
  /** How many connections were made so far. */
  connects(): number;
  /** How often subscriptions ended, by reason; each subscribed again. */
  readonly ends: ReadonlyMap<string, number>;
  close(): Promise<void>;
}

const subscription = `subscription($after: String) { inboxEvents(after: $after, kinds: [MESSAGE_ADDED]) {
  id cursor conversation { id version } message { externalId } } }`;

interface Shown {
  readonly inboxEvents: {
    readonly id: string;
    readonly cursor: string;
    readonly conversation: { readonly id: string; readonly version: number };
    readonly message: { readonly externalId: string | null } | null;
  };
}

/** The pause of a front end whose subscription has failed. For lost connections the library makes the pauses. */
const subscribeAgainMs = (): number => 1_000 + Math.random() * 2_000;

export function gatherHerd({ graphqlUrl, token, size, sampled, onShown }: HerdOptions): Herd {
  const hasBegun = new Set<number>();
  const hasFound = new Set<number>();
  const ends = new Map<string, number>();
  let lookedFor: string | null = null;
  let connects = 0;
  let isOver = false;
  const clients = Array.from({ length: size }, (_, n) => join(n));

  function join(n: number): Client {
    let after: string | null = null;
    const client = createClient({
      url: graphqlUrl.replace('http', 'ws'),
      connectionParams: { authorization: `Bearer ${token ?? ''}` },
      // The library doubles the pause between tries, and adds up to 2.7 s at random.
      retryAttempts: Infinity,
      shouldRetry: () => true,
      on: { connected: () => void (connects += 1) },
    });
    // Read at each subscribe, also when the client has reconnected.
    const variables = {
      get after() {
        return after;
      },
    };
    const subscribe = (): void => {
      client.subscribe<Shown>(
        { query: subscription, variables },
        {
          next: ({ data, errors }) => {
            if (data === null || data === undefined) return end(JSON.stringify(errors));
            const { id, cursor, conversation, message } = data.inboxEvents;
            after = cursor;
            hasBegun.add(n);
            if (message !== null && message.externalId === lookedFor) hasFound.add(n);
            if (n < sampled)
              onShown(n, { eventId: id, conversationId: conversation.id, version: conversation.version });
          },
          error: (cause) => end(cause instanceof Error ? cause.message : JSON.stringify(cause)),
          complete: () => end('completed by the server'),
        },
      );
    };
    const end = (words: string): void => {
      if (isOver) return;
      ends.set(words, (ends.get(words) ?? 0) + 1);
      setTimeout(subscribe, subscribeAgainMs());
    };
    subscribe();
    return client;
  }

  return {
    begun: () => hasBegun.size,
    lookFor: (externalId) => {
      lookedFor = externalId;
      hasFound.clear();
    },
    found: () => hasFound.size,
    connects: () => connects,
    ends,
    close: async () => {
      isOver = true;
      for (const client of clients) await client.dispose();
    },
  };
}
