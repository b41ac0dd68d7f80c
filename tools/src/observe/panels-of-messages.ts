import { average, curve, once, quantile, rate, type Row } from './panel.ts';

export const inward: Row = {
  title: 'In: webhooks',
  panels: [
    curve(
      'Deliveries by channel and outcome',
      'refused: wrong signature. unknown_address: no such account. not_stored: answered 503, the platform comes again.',
      'ops',
      ['{{channel}} {{outcome}}', rate('crossdesk_webhooks_total', 'channel', 'outcome')],
    ),
    curve(
      'Time to acknowledgement',
      'Arrival to answer, with the commit.',
      's',
      ['p50 {{channel}}', quantile(0.5, 'crossdesk_webhook_ack_seconds', ['channel'])],
      ['p99 {{channel}}', quantile(0.99, 'crossdesk_webhook_ack_seconds', ['channel'])],
    ),
    curve('Parked webhooks', 'Signed deliveries that made no sense: kept with their bytes, replayable.', 'short', [
      '{{channel}}',
      once('crossdesk_parked_webhooks', 'channel'),
    ]),
    curve('Channel accounts by status', 'Everything but connected is silent.', 'short', [
      '{{channel}} {{status}}',
      once('crossdesk_channel_accounts', 'channel', 'status'),
    ]),
  ],
};

export const through: Row = {
  title: 'Through: outboxes, log, consumers',
  panels: [
    curve('Oldest event in the outbox', 'Seconds an event waits for the relay.', 's', [
      '{{service}}',
      once('crossdesk_outbox_oldest_seconds', 'service'),
    ]),
    curve('Events in the outbox', 'Counted up to 100,000.', 'short', [
      '{{service}}',
      once('crossdesk_outbox_waiting_events', 'service'),
    ]),
    curve('Published', 'Events that went to the log.', 'ops', [
      '{{service}}',
      rate('crossdesk_outbox_published_total', 'service'),
    ]),
    curve('Relay: time of a batch', 'Read, publish, mark.', 's', [
      'p99 {{service}}',
      quantile(0.99, 'crossdesk_relay_batch_seconds', ['service']),
    ]),
    curve('Relay: events of a batch', 'A full batch has 500. Full ones for long mean a backlog.', 'short', [
      '{{service}}',
      average('crossdesk_relay_batch_size', 'service'),
    ]),
    curve('Lag', 'Records of a topic that a consumer has not done.', 'short', [
      '{{consumer}} {{topic}}',
      once('crossdesk_consumer_lag_records', 'consumer', 'topic'),
    ]),
    curve('Consumers: time of a batch', 'Decode to commit.', 's', [
      'p99 {{consumer}}',
      quantile(0.99, 'crossdesk_consumer_batch_seconds', ['consumer']),
    ]),
    curve(
      'Consumers: records',
      'Done per second, and per batch.',
      'short',
      ['{{consumer}} per s', rate('crossdesk_consumer_batch_size_sum', 'consumer')],
      ['{{consumer}} per batch', average('crossdesk_consumer_batch_size', 'consumer')],
    ),
    curve(
      'Retries and duplicates',
      'Duplicates are harmless: a consumer passes over events it has taken. Many of them tell of restarts or rebalances.',
      'ops',
      ['{{consumer}} retries', rate('crossdesk_consumer_retries_total', 'consumer')],
      ['{{consumer}} duplicates', rate('crossdesk_consumer_duplicates_total', 'consumer')],
    ),
    curve(
      'Dead letters and parked keys',
      'A parked key holds back the later events of one conversation, order or account.',
      'short',
      ['{{consumer}} letters', once('crossdesk_dead_letters', 'consumer')],
      ['{{consumer}} keys', once('crossdesk_parked_keys', 'consumer')],
    ),
    curve('Oldest dead letter', 'How long somebody has been waiting.', 's', [
      '{{consumer}}',
      once('crossdesk_dead_letter_oldest_seconds', 'consumer'),
    ]),
    curve(
      'Unknown and unreadable records',
      'Per second: events of types that this process does not know, passed by. Waiting: records too broken to tell whose they are (`pnpm dead-letters`).',
      'short',
      ['{{consumer}} per s', rate('crossdesk_consumer_unreadable_total', 'consumer')],
      ['{{consumer}} waiting', once('crossdesk_dead_letters_unowned', 'consumer')],
    ),
  ],
};

export const outward: Row = {
  title: 'Out: replies',
  panels: [
    curve(
      'Sends by channel and outcome',
      'unknown: executed or not, nobody knows; it is read back and never repeated blindly.',
      'ops',
      ['{{channel}} {{outcome}}', rate('crossdesk_sends_total', 'channel', 'outcome')],
    ),
    curve('Time a platform takes', 'One call.', 's', [
      'p99 {{channel}}',
      quantile(0.99, 'crossdesk_send_seconds', ['channel']),
    ]),
    curve('Longest overdue reply', 'Queued, and due for this long.', 's', [
      'overdue',
      'max(crossdesk_delivery_overdue_seconds)',
    ]),
    curve('Replies of unknown outcome', 'true: only a person can find out.', 'short', [
      'needs a person: {{needs_person}}',
      once('crossdesk_unknown_deliveries', 'needs_person'),
    ]),
  ],
};
