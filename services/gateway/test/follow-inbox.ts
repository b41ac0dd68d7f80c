import type { Client } from 'graphql-ws';

interface InboxEvent {
  readonly id: string;
  readonly cursor: string;
}

export interface Inbox {
  /** Made with `retryAttempts: 0`: the client's own retry would begin after the cursor of the first attempt. */
  readonly client: Client;
  /** `{ inboxCursor }` */
  startCursor(): Promise<string>;
  load(): Promise<void>;
  show(event: InboxEvent): void;
  /** Waits before the next attempt. */
  pause(): Promise<void>;
  readonly signal: AbortSignal;
}

const query = 'subscription($after: String!) { inboxEvents(after: $after) { id cursor } }';
const goOnAfter = ['SLOW_CONSUMER', 'SUBGRAPH_UNAVAILABLE', 'RATE_LIMITED', 'INTERNAL'];
const loadAgainAfter = ['CURSOR_EXPIRED', 'CURSOR_INVALID'];
const giveUpAfter = [4400, 4401, 4406, 4409, 4429];

/** The loop of docs/frontend.md: shows every event once, over any number of connections. */
export async function followInbox({ client, startCursor, load, show, pause, signal }: Inbox): Promise<void> {
  const subscribe = (cursor: string) =>
    client.iterate<{ inboxEvents: InboxEvent }>({ query, variables: { after: cursor } });
  let after: string | null = null;
  while (!signal.aborted) {
    if (after === null) {
      after = await startCursor();
      await load();
    }
    const stream = subscribe(after);
    const stop = () => void stream.return?.();
    signal.addEventListener('abort', stop, { once: true });
    try {
      for await (const { data } of stream) {
        if (!data) break;
        show(data.inboxEvents);
        after = data.inboxEvents.cursor;
      }
    } catch (problem) {
      const { code } = codeOf(problem);
      if (typeof code === 'string' && loadAgainAfter.includes(code)) after = null;
      else if (typeof code === 'number' ? giveUpAfter.includes(code) : !goOnAfter.includes(code)) throw problem;
      await pause();
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }
}

/** The code of the GraphQL error that ended the stream, or of the connection that was closed. */
function codeOf(problem: unknown): { code: string | number } {
  if (Array.isArray(problem)) return (problem as [{ extensions: { code: string } }])[0].extensions;
  return problem as CloseEvent;
}
