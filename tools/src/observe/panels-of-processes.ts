import { curve, quantile, rate, type Row } from './panel.ts';

export const api: Row = {
  title: 'GraphQL',
  panels: [
    curve('Requests', 'By operation and outcome.', 'ops', [
      '{{operation}} {{outcome}}',
      rate('crossdesk_graphql_request_seconds_count', 'operation', 'outcome'),
    ]),
    curve(
      'Request time',
      'From the first byte to the answer.',
      's',
      ['p50', quantile(0.5, 'crossdesk_graphql_request_seconds')],
      ['p99', quantile(0.99, 'crossdesk_graphql_request_seconds')],
    ),
    curve('Subgraph time', 'Shows which service makes answers slow.', 's', [
      'p99 {{subgraph}}',
      quantile(0.99, 'crossdesk_subgraph_request_seconds', ['subgraph']),
    ]),
    curve('Subgraph errors', 'no_answer: down or too slow. internal: a bug, in its log with the request id.', 'ops', [
      '{{subgraph}} {{kind}}',
      rate('crossdesk_subgraph_errors_total', 'subgraph', 'kind'),
    ]),
    curve(
      'Plans that were known',
      'A new shape of query costs about 2 ms to plan. A falling share means that clients send different query texts each time.',
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

export const processes: Row = {
  title: 'Processes',
  panels: [
    curve('Event loop lag, p99', 'Above 0.1 s the process does too much work at once.', 's', [
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
