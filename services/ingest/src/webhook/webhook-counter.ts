import { declareCounter } from '@crossdesk/service-kit';

/** The outcome of a request to a webhook address; only `stored` and `parked` are acknowledged deliveries. */
export type WebhookOutcome =
  | 'stored'
  | 'parked'
  | 'handshake'
  | 'probe'
  | 'unknown_address'
  | 'missing_signature'
  | 'bad_signature'
  | 'stale_timestamp'
  | 'wrong_method'
  | 'too_large'
  | 'unreadable'
  | 'too_slow'
  | 'busy'
  | 'limited'
  | 'not_stored';

export const countedWebhooks = declareCounter<'channel' | 'outcome'>('ingest', {
  name: 'crossdesk_webhooks_total',
  help: 'Deliveries of platforms by outcome',
  labelNames: ['channel', 'outcome'],
});
