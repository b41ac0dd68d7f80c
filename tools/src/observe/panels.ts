/** One curve, or one curve for each set of labels that is left. */
export interface Query {
  readonly expression: string;
  /** `{{label}}` names a label. */
  readonly legend: string;
}

export interface Panel {
  readonly title: string;
  /** What it means and when to worry, for who looks at it at night. */
  readonly description: string;
  readonly kind: 'stat' | 'curve';
  readonly unit: 's' | 'ops' | 'short' | 'bytes' | 'percentunit';
  readonly queries: readonly Query[];
  /** From here on the figure is yellow, then red. */
  readonly thresholds?: readonly [warn: number, alarm: number];
}

export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

function stat(
  title: string,
  description: string,
  unit: Panel['unit'],
  expression: string,
  thresholds: Panel['thresholds'],
): Panel {
  return {
    title,
    description,
    kind: 'stat',
    unit,
    queries: [{ expression, legend: '' }],
    ...(thresholds === undefined ? {} : { thresholds }),
  };
}

function curve(
  title: string,
  description: string,
  unit: Panel['unit'],
  ...queries: [legend: string, expression: string][]
): Panel {
  return {
    title,
    description,
    kind: 'curve',
    unit,
    queries: queries.map(([legend, expression]) => ({ legend, expression })),
  };
}

/** The time that this share of the observations stays below. */
function quantile(share: number, histogram: string, by: string[] = []): string {
  return `histogram_quantile(${share}, sum by (${['le', ...by].join(', ')}) (rate(${histogram}_bucket[$__rate_interval])))`;
}

function rate(counter: string, ...by: string[]): string {
  return `sum by (${by.join(', ')}) (rate(${counter}[$__rate_interval]))`;
}

/** What is read from the database or the log is the same from every replica: the largest, not the sum. */
function once(gauge: string, ...by: string[]): string {
  return `max by (${by.join(', ')}) (${gauge})`;
}

function average(histogram: string, by: string): string {
  return `${rate(`${histogram}_sum`, by)} / ${rate(`${histogram}_count`, by)}`;
}

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
      'Platforms give 3 to 5 s before they count a delivery as failed.',
      's',
      quantile(0.99, 'crossdesk_webhook_ack_seconds'),
      [0.5, 2],
    ),
    stat(
      'Oldest event in an outbox',
      'Grows when a relay or the log stands still. Nothing is lost meanwhile.',
      's',
      'max(crossdesk_outbox_oldest_seconds)',
      [10, 60],
    ),
    stat(
      'Records not consumed',
      'Sum over consumers. Growing means slower than the inflow.',
      'short',
      `sum(${once('crossdesk_consumer_lag_records', 'consumer', 'topic')})`,
      [1_000, 20_000],
    ),
    stat(
      'Dead letters',
      'Events that could not be processed, with those that wait behind them.',
      'short',
      `sum(${once('crossdesk_dead_letters', 'consumer')})`,
      [1, 1],
    ),
    stat(
      'Unknown, for a person',
      'Replies of which only a person can find out whether the buyer got them.',
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
    stat('Problems', 'What /readyz of the services names.', 'short', 'sum(crossdesk_service_problems)', [1, 1]),
  ],
};

const inward: Row = {
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

const through: Row = {
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
      'Duplicates are harmless: the inbox absorbs them. Many of them tell of restarts or rebalances.',
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

const outward: Row = {
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

const api: Row = {
  title: 'GraphQL',
  panels: [
    curve('Requests', 'By operation and outcome.', 'ops', [
      '{{operation}} {{outcome}}',
      rate('crossdesk_graphql_request_seconds_count', 'operation', 'outcome'),
    ]),
    curve(
      'Request time',
      'First byte to answer.',
      's',
      ['p50', quantile(0.5, 'crossdesk_graphql_request_seconds')],
      ['p99', quantile(0.99, 'crossdesk_graphql_request_seconds')],
    ),
    curve('Subgraph time', 'Which part of the answers is slow.', 's', [
      'p99 {{subgraph}}',
      quantile(0.99, 'crossdesk_subgraph_request_seconds', ['subgraph']),
    ]),
    curve('Subgraph errors', 'no_answer: down or too slow. internal: a bug, in its log with the request id.', 'ops', [
      '{{subgraph}} {{kind}}',
      rate('crossdesk_subgraph_errors_total', 'subgraph', 'kind'),
    ]),
    curve(
      'Plans that were known',
      'A new shape of query costs about 2 ms to plan. Falling means clients send texts that differ each time.',
      'percentunit',
      [
        'known',
        'sum(rate(crossdesk_query_plans_total{outcome="known"}[$__rate_interval])) / sum(rate(crossdesk_query_plans_total[$__rate_interval]))',
      ],
    ),
    curve(
      'Live',
      'Open WebSockets and subscriptions.',
      'short',
      ['sockets', 'sum(crossdesk_live_sockets)'],
      ['subscriptions', 'sum(crossdesk_live_subscriptions)'],
      ['records behind', 'max(crossdesk_live_tail_lag_records)'],
    ),
    curve('Events pushed', 'To all subscribers.', 'ops', [
      'events',
      'sum(rate(crossdesk_live_events_total[$__rate_interval]))',
    ]),
  ],
};

const processes: Row = {
  title: 'Processes',
  panels: [
    curve('Event loop lag, p99', 'Above 0.1 s the process does too much at a time.', 's', [
      '{{service}} {{instance}}',
      'nodejs_eventloop_lag_p99_seconds',
    ]),
    curve('CPU', '1 is one core.', 'percentunit', [
      '{{service}} {{instance}}',
      'rate(process_cpu_seconds_total[$__rate_interval])',
    ]),
    curve('Memory', 'Resident.', 'bytes', ['{{service}} {{instance}}', 'process_resident_memory_bytes']),
    curve('Heap', 'Used.', 'bytes', ['{{service}} {{instance}}', 'nodejs_heap_size_used_bytes']),
    curve('Database connections', 'waiting: callers without a connection.', 'short', [
      '{{service}} {{role}} {{state}}',
      'sum by (service, role, state) (crossdesk_database_connections)',
    ]),
    curve('Problems', 'What /readyz names, by service.', 'short', [
      '{{service}} {{instance}}',
      'crossdesk_service_problems',
    ]),
    curve('Running since', 'A drop is a restart.', 's', [
      '{{service}} {{instance}}',
      'time() - process_start_time_seconds',
    ]),
  ],
};

export const rows: readonly Row[] = [glance, inward, through, outward, api, processes];
