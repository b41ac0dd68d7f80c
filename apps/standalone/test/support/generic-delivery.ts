import { createHmac, randomUUID } from 'node:crypto';
import type { ConnectedAccount } from './workspace.ts';

export interface SignedDelivery {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Signs a body as the seller's own system does (Standard Webhooks). */
export function signGeneric({ shop }: ConnectedAccount, body: string): SignedDelivery {
  const [id, at] = [`evt_${randomUUID()}`, String(Math.floor(Date.now() / 1_000))];
  const key = Buffer.from((shop.credentials['signing_secret'] ?? '').replace('whsec_', ''), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${at}.${body}`).digest('base64');
  const headers = { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': `v1,${signature}` };
  return { headers: { 'content-type': 'application/json', ...headers }, body };
}

export async function deliver(url: string, { headers, body }: SignedDelivery): Promise<number> {
  const answer = await fetch(url, { method: 'POST', headers, body });
  await answer.text();
  return answer.status;
}
