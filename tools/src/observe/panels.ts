import { once, quantile, type Row, stat } from './panel.ts';
import { automation, inward, outward, through } from './panels-of-messages.ts';
import { api, processes } from './panels-of-processes.ts';

const glance: Row = {
  title: 'Is anything slow, stuck or lost?',
  panels: [
    stat(
      'Webhooks per second',
      'Acknowledged deliveries. Zero in business hours is a platform or network problem.',
      'ops',
      'sum(rate(crossdesk_webhooks_total{outcome=~"stored|parked"}[$__rate_interval]))',
      undefined,
    ),
    stat(
      'Acknowledgement, p99',
      'Platforms count a delivery as failed after 3 to 5 s.',
      's',
      quantile(0.99, 'crossdesk_webhook_ack_seconds'),
      [0.5, 2],
    ),
    stat(
      'Oldest event in an outbox',
      'Grows when a relay or the log has stopped. Nothing is lost meanwhile.',
      's',
      'max(crossdesk_outbox_oldest_seconds)',
      [10, 60],
    ),
    stat(
      'Records not consumed',
      'Sum over consumers. It grows when events arrive faster than they are processed.',
      'short',
      `sum(${once('crossdesk_consumer_lag_records', 'consumer', 'topic')})`,
      [1_000, 20_000],
    ),
    stat(
      'Dead letters',
      'Events that could not be processed, and those that wait behind them.',
      'short',
      `sum(${once('crossdesk_dead_letters', 'consumer')})`,
      [1, 1],
    ),
    stat(
      'Unknown, for a person',
      'Only a person can find out whether the buyer got these replies.',
      'short',
      'max(crossdesk_unknown_deliveries{needs_person="true"})',
      [1, 10],
    ),
    stat(
      'Accounts to authorise',
      'Nothing is fetched or sent for these until somebody connects them again.',
      'short',
      `sum(${once('crossdesk_channel_accounts{status="reauthorise"}', 'channel')})`,
      [1, 1],
    ),
    stat(
      'Problems',
      'Problems that /readyz of the services reports.',
      'short',
      'sum(crossdesk_service_problems)',
      [1, 1],
    ),
  ],
};

export const rows: readonly Row[] = [glance, inward, through, outward, automation, api, processes];
