import { average, curve, once, quantile, rate, type Row } from './panel.ts';

export const inward: Row = {
  title: 'In: webhooks',
  panels: [
    curve(
      'Deliveries by channel and outcome',
      'refused: wrong signature. unknown_address: no such account. not_stored: answered 503, the platform delivers again.',
      'ops',
      ['{{channel}} {{outcome}}', rate('crossdesk_webhooks_total', 'channel', 'outcome')],
    ),
    curve(
      'Time to acknowledgement',
      'From arrival to answer, including the commit.',
      's',
      ['p50 {{channel}}', quantile(0.5, 'crossdesk_webhook_ack_seconds', ['channel'])],
      ['p99 {{channel}}', quantile(0.99, 'crossdesk_webhook_ack_seconds', ['channel'])],
    ),
    curve(
      'Parked webhooks',
      'Signed deliveries that could not be parsed: kept with their bytes, can be replayed.',
      'short',
      ['{{channel}}', once('crossdesk_parked_webhooks', 'channel')],
    ),
    curve(
      'Ignored events',
      'Valid, but shown nowhere: groups, history, errors of the platform, unused kinds, ids used twice. The query `ignoredEvents` names kind and reason.',
      'ops',
      ['{{channel}} {{reason}}', rate('crossdesk_ignored_events_total', 'channel', 'reason')],
    ),
    curve(
      'Messages that no push brought',
      'The list of the platform had them. `diagnoseChannelAccount` names the account.',
      'ops',
      ['{{channel}}', rate('crossdesk_missed_messages_total', 'channel')],
    ),
    curve('Channel accounts by status', 'Only connected accounts fetch and send.', 'short', [
      '{{channel}} {{status}}',
      once('crossdesk_channel_accounts', 'channel', 'status'),
    ]),
  ],
};

export const through: Row = {
  title: 'Through: outboxes, log, consumers',
  panels: [
    curve(
      'Counters of the inbox that a recount had to correct',
      'Of the nightly recount; the log of analytics names them. Anything above zero is a fault.',
      'short',
      ['corrected', 'sum(increase(crossdesk_inbox_wrong_counters_total[1d]))'],
    ),
    curve('Oldest event in the outbox', 'Seconds an event waits for the relay.', 's', [
      '{{service}}',
      once('crossdesk_outbox_oldest_seconds', 'service'),
    ]),
    curve('Events in the outbox', 'Counted up to 100,000.', 'short', [
      '{{service}}',
      once('crossdesk_outbox_waiting_events', 'service'),
    ]),
    curve('Published', 'Events published to the log.', 'ops', [
      '{{service}}',
      rate('crossdesk_outbox_published_total', 'service'),
    ]),
    curve('Relay: time of a batch', 'Read, publish, mark.', 's', [
      'p99 {{service}}',
      quantile(0.99, 'crossdesk_relay_batch_seconds', ['service']),
    ]),
    curve('Relay: events of a batch', 'A full batch has 500. Full batches for a long time mean a backlog.', 'short', [
      '{{service}}',
      average('crossdesk_relay_batch_size', 'service'),
    ]),
    curve('Lag', 'Records of a topic that a consumer has not processed.', 'short', [
      '{{consumer}} {{topic}}',
      once('crossdesk_consumer_lag_records', 'consumer', 'topic'),
    ]),
    curve('Consumers: time of a batch', 'From decoding to commit.', 's', [
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
      'Duplicates are harmless: a consumer skips events it has applied. Many of them indicate restarts or rebalances.',
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
    curve('Oldest dead letter', 'Its age.', 's', [
      '{{consumer}}',
      once('crossdesk_dead_letter_oldest_seconds', 'consumer'),
    ]),
    curve(
      'Unknown and unreadable records',
      'Per second: skipped events of types that this process does not know. Waiting: records too damaged to tell which workspace they belong to (`pnpm dead-letters`).',
      'short',
      ['{{consumer}} per s', rate('crossdesk_consumer_unreadable_total', 'consumer')],
      ['{{consumer}} waiting', once('crossdesk_dead_letters_unowned', 'consumer')],
    ),
  ],
};

export const outward: Row = {
  title: 'Out: replies',
  panels: [
    curve('Longest overdue look at a clock', 'Time since a clock of a service level should have been looked at.', 's', [
      'overdue',
      'max(crossdesk_sla_clock_overdue_seconds)',
    ]),
    curve(
      'Sends by channel and outcome',
      'unknown: the platform may have executed it or not; it is read back and never repeated blindly.',
      'ops',
      ['{{channel}} {{outcome}}', rate('crossdesk_sends_total', 'channel', 'outcome')],
    ),
    curve('Time a platform takes', 'One call.', 's', [
      'p99 {{channel}}',
      quantile(0.99, 'crossdesk_send_seconds', ['channel']),
    ]),
    curve('Longest overdue reply', 'Time since the oldest queued reply was due.', 's', [
      'overdue',
      'max(crossdesk_delivery_overdue_seconds)',
    ]),
    curve('Replies of unknown outcome', 'true: only a person can find out.', 'short', [
      'needs a person: {{needs_person}}',
      once('crossdesk_unknown_deliveries', 'needs_person'),
    ]),
    curve('Files of messages by outcome', 'ready, or the reason that they could not be fetched.', 'ops', [
      '{{outcome}}',
      rate('crossdesk_media_total', 'outcome'),
    ]),
    curve('Uploads by outcome', 'Files that people sent: ready, or why they were not taken.', 'ops', [
      '{{outcome}}',
      rate('crossdesk_uploads_total', 'outcome'),
    ]),
    curve('Longest overdue file', 'Time since the oldest file was due to be fetched or removed.', 's', [
      'overdue',
      'max(crossdesk_media_overdue_seconds)',
    ]),
    curve(
      'Events pushed to others, by outcome',
      'failed: tried again later. dead: not taken within three days.',
      'ops',
      ['{{outcome}}', rate('crossdesk_webhook_calls_total', 'outcome')],
    ),
    curve(
      'Addresses of others by state',
      'failing: twenty calls in a row failed. Overdue: how long the oldest due event waits for an address that works.',
      'short',
      ['{{state}}', once('crossdesk_webhook_endpoints', 'state')],
      ['overdue seconds', 'max(crossdesk_webhook_overdue_seconds)'],
    ),
  ],
};

export const automation: Row = {
  title: 'Automation: rules, translation, models',
  panels: [
    curve('Rules evaluated by trigger', 'Once for each event that the rules of a workspace look at.', 'ops', [
      '{{trigger}}',
      rate('crossdesk_rule_evaluations_total', 'trigger'),
    ]),
    curve(
      'Actions of rules by outcome',
      'decided: the owner carries it out or refuses it. Anything else: nothing could be decided, for instance because the template lacks a value.',
      'ops',
      ['{{action}}: {{outcome}}', rate('crossdesk_rule_actions_total', 'action', 'outcome')],
    ),
    curve('Longest overdue time of a rule', 'Time since a rule that looks later should have looked.', 's', [
      'overdue',
      'max(crossdesk_rule_timer_overdue_seconds)',
    ]),
    curve(
      'Decided messages without an answer',
      'Messages that crm decided more than 5 minutes ago and that were neither written nor refused: look at the consumer conversation.decisions.',
      'short',
      ['unsettled', 'max(crossdesk_outreach_unsettled)'],
    ),
    curve('Translated messages by state', 'none: no engine and no memory had a translation.', 'ops', [
      '{{state}}',
      rate('crossdesk_message_translations_total', 'state'),
    ]),
    curve('Calls of models by outcome', 'ok, or the reason that nothing came of a call of an assistant.', 'ops', [
      '{{purpose}}: {{outcome}}',
      rate('crossdesk_assistant_calls_total', 'purpose, outcome'),
    ]),
  ],
};
