import { expect } from '@jest/globals';
import { type Client, createClient } from 'graphql-ws';
import type { TestGateway } from './gateway.ts';
import type { Person } from './tokens.ts';

export async function connect(to: TestGateway, who: Person, expiresAt?: Date): Promise<Client> {
  const token = await to.tokenFor(who, expiresAt);
  return createClient({
    url: to.url.replace('http', 'ws'),
    connectionParams: { authorization: `Bearer ${token}` },
    retryAttempts: 0,
  });
}

/** An event as returned by a query that names its field `event`. */
export interface Shown extends Readonly<Record<string, unknown>> {
  readonly id: string;
  readonly cursor: string;
}

function shownIn(result: { data?: unknown; errors?: unknown }): Shown {
  expect(result.errors).toBeUndefined();
  return (result.data as { event: Shown }).event;
}

/** Reads some events and hangs up. */
export async function read(
  client: Client,
  count: number,
  query: string,
  variables: Record<string, unknown>,
): Promise<Shown[]> {
  const shown: Shown[] = [];
  if (count === 0) return shown;
  for await (const result of client.iterate({ query, variables })) {
    shown.push(shownIn(result));
    if (shown.length === count) break;
  }
  return shown;
}

/** The code with which a subscription is refused or ends. */
export async function refusalFrom(
  client: Client,
  query: string,
  variables: Record<string, unknown> = {},
): Promise<unknown> {
  try {
    for await (const { errors } of client.iterate({ query, variables })) return errors?.[0]?.extensions?.['code'];
  } catch (refusal) {
    return Array.isArray(refusal) ? (refusal[0] as { extensions: { code: string } }).extensions.code : refusal;
  }
  return 'ended';
}
