import type { Endpoint } from '../port/index.ts';
import { keysOf, signatureOf } from '../shared/standard-webhooks.ts';

/** Headers for our body, signed with every active secret, so that the receiver can switch at any time. */
export function signedHeaders(
  account: Pick<Endpoint, 'credentials'>,
  id: string,
  at: Date,
  body: string,
): Record<string, string> {
  const timestamp = Math.floor(at.getTime() / 1_000);
  return {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': keysOf(account)
      .map((key) => signatureOf(key, id, timestamp, body))
      .join(' '),
  };
}
