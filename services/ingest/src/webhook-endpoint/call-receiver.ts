import { PlatformCallError } from '@crossdesk/channels/adapters';
import type { IngestDeps } from '../deps.ts';
import { type Answer, answerOf } from './attempt.domain.ts';
import { signatureOf } from './endpoint.secrets.ts';
import type { EndpointRow } from './endpoint.store.ts';

export type CourierDeps = Pick<IngestDeps, 'runtime' | 'sealingKey' | 'callReceiver'>;

/** An event on its way to a receiver: its id, its type and its envelope in JSON. */
export interface Letter {
  readonly id: string;
  readonly type: string;
  readonly body: string;
}

/** Posts an event to an address, signed as Standard Webhooks says. */
export async function callReceiver(
  { callReceiver: call, sealingKey, runtime }: CourierDeps,
  endpoint: EndpointRow,
  { id, type, body }: Letter,
): Promise<Answer> {
  const at = runtime.clock.now();
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'Crossdesk-Webhooks/1',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': signatureOf(sealingKey, endpoint, { id, at, body }),
    'event-type': type,
  };
  try {
    const { status } = await call({ method: 'POST', url: endpoint.url, headers, body });
    return answerOf(status);
  } catch (error) {
    if (error instanceof PlatformCallError) return { status: null, error: error.message };
    throw error;
  }
}
