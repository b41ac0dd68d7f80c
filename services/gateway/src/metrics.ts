import { createMetrics } from '@crossdesk/service-kit';
import { Counter, Gauge, Histogram } from 'prom-client';

export type GatewayMetrics = ReturnType<typeof createGatewayMetrics>;

const secondsBuckets = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

export function createGatewayMetrics() {
  const base = createMetrics('gateway');
  const registers = [base.registry];
  return {
    base,
    requests: new Histogram({
      name: 'crossdesk_graphql_request_seconds',
      help: 'Time from the first byte of a request to its answer',
      labelNames: ['operation', 'outcome'],
      buckets: secondsBuckets,
      registers,
    }),
    subgraphs: new Histogram({
      name: 'crossdesk_subgraph_request_seconds',
      help: 'Time a subgraph takes for its part of an answer',
      labelNames: ['subgraph', 'outcome'],
      buckets: secondsBuckets,
      registers,
    }),
    subgraphErrors: new Counter({
      name: 'crossdesk_subgraph_errors_total',
      help: 'Parts of answers that are missing: the subgraph did not answer (no_answer), or failed inside (internal)',
      labelNames: ['subgraph', 'kind'],
      registers,
    }),
    plans: new Counter({
      name: 'crossdesk_query_plans_total',
      help: 'Look-ups of query plans',
      labelNames: ['outcome'],
      registers,
    }),
    subscriptions: new Gauge({
      name: 'crossdesk_live_subscriptions',
      help: 'Open subscriptions',
      labelNames: ['stream'],
      registers,
    }),
    sockets: new Gauge({ name: 'crossdesk_live_sockets', help: 'Open WebSockets', registers }),
    delivered: new Counter({
      name: 'crossdesk_live_events_total',
      help: 'Events pushed to subscribers',
      labelNames: ['stream'],
      registers,
    }),
  };
}
