import { waitFor } from '@crossdesk/testkit';
import { type Client, createClient } from 'graphql-ws';

export interface ShownEvent {
  readonly id: string;
  readonly cursor: string;
  readonly kind: string;
  readonly conversation: { readonly id: string; readonly version: number };
  readonly message: { readonly id: string; readonly externalId: string | null; readonly text: string | null } | null;
}

/** The cursor before everything that the log holds. */
export async function beginningOf(graphqlUrl: string, token: string | null): Promise<string> {
  const response = await fetch(graphqlUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token ?? ''}` },
    body: JSON.stringify({ query: '{ inboxCursor(from: OLDEST) }' }),
  });
  const { data } = (await response.json()) as { data: { inboxCursor: string } };
  return data.inboxCursor;
}

export function liveClient(graphqlUrl: string, token: string | null): Client {
  return createClient({
    url: graphqlUrl.replace('http', 'ws'),
    connectionParams: { authorization: `Bearer ${token ?? ''}` },
    retryAttempts: 0,
  });
}

const subscription = `subscription($after: String) { inboxEvents(after: $after) {
  id cursor kind conversation { id version } message { id externalId text }
} }`;

/** Reads events after a cursor until one satisfies `isLast`, then closes the stream. */
export async function readEvents(
  client: Client,
  after: string | null,
  isLast: (event: ShownEvent) => boolean,
): Promise<ShownEvent[]> {
  const seen: ShownEvent[] = [];
  const read = async (): Promise<void> => {
    for await (const { data, errors } of client.iterate<{ inboxEvents: ShownEvent }>({
      query: subscription,
      variables: { after },
    })) {
      if (errors !== undefined || data === null || data === undefined)
        throw new Error(`the stream failed: ${JSON.stringify(errors)}`);
      seen.push(data.inboxEvents);
      if (isLast(data.inboxEvents)) break;
    }
  };
  const progress = (): string => {
    const last = seen.at(-1);
    return `${seen.length} events came${last === undefined ? '' : `, the last ${last.kind} ${last.message?.text ?? ''}`}`;
  };
  await waitFor(`the last event, by ${isLast.toString()}`, read(), { withinMs: 60_000, progress });
  return seen;
}
