import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually, type Figures, scrape } from '@crossdesk/testkit';
import { Client } from 'pg';
import { parse } from 'yaml';
import { conversationWith } from './support/inbox.ts';
import { type Installation, openInstallation } from './support/installation.ts';
import { connectShop, setUpFirstWorkspace, type Workspace } from './support/workspace.ts';

let here: Installation;
let lumina: Workspace;

beforeAll(async () => {
  here = await openInstallation();
  lumina = await setUpFirstWorkspace((token) => here.api(token), here.running().setupCode, 'lumina');
}, 60_000);
afterAll(() => here.close());

const figures = (): Promise<Figures> => scrape(`${here.running().healthUrl}/metrics`);

test('one scrape shows a message in the metrics of all services', async () => {
  const account = await connectShop(lumina.admin, here.twin, 'shopee', '700000009');
  here.twin.buyerSays({ shop: account.shop, buyer: 'Mei', content: { kind: 'text', text: 'Where is it?' } });
  await eventually(() => conversationWith(lumina.agent, account.id, 'Mei'));
  await eventually(async () => {
    const now = await figures();
    expect(
      now.value('crossdesk_webhooks_total', { service: 'ingest', channel: 'shopee', outcome: 'stored' }),
    ).toBeGreaterThan(0);
    const consumers = ['conversation.inbox', 'crm.links', 'automation.language', 'analytics.inbox'];
    for (const consumer of consumers) {
      expect(now.value('crossdesk_consumer_batch_size_sum', { consumer })).toBeGreaterThan(0);
      expect(now.value('crossdesk_consumer_lag_records', { consumer })).toBe(0);
    }
    for (const service of ['ingest', 'conversation', 'crm', 'automation'])
      expect(now.value('crossdesk_outbox_published_total', { service })).toBeGreaterThan(0);
    expect(now.value('crossdesk_subgraph_request_seconds_count', { service: 'gateway' })).toBeGreaterThan(0);
    expect(now.value('process_start_time_seconds', { service: 'standalone' })).toBeGreaterThan(0);
  });
});

test('no metric names a workspace', async () => {
  const text = await (await fetch(`${here.running().healthUrl}/metrics`)).text();
  expect(text).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}/);
  expect(text).not.toContain('lumina');
});

const observe = join(import.meta.dirname, '../../../infra/observe');
const dashboard = readFileSync(join(observe, 'grafana/dashboards/crossdesk.json'), 'utf8');
const alerts = readFileSync(join(observe, 'prometheus/alerts.yml'), 'utf8');

/** Metrics of Prometheus itself and of the exporters for the disks. */
const foreign = [
  'up',
  'node_filesystem_avail_bytes',
  'node_filesystem_size_bytes',
  'kubelet_volume_stats_available_bytes',
  'kubelet_volume_stats_capacity_bytes',
];

/** The names of metrics in the expressions of the page or of the alerts; names of a histogram without their suffix. */
function namesIn(expressions: readonly string[], kinds: Figures['kinds']): string[] {
  const found = expressions.flatMap(
    (text) => text.match(/\b(?:crossdesk|nodejs|process|node|kubelet)_[a-z0-9_]+|\bup\b/g) ?? [],
  );
  const baseOf = (name: string) => name.replace(/_(bucket|sum|count)$/, '');
  return [...new Set(found.map((name) => (kinds.get(baseOf(name)) === 'histogram' ? baseOf(name) : name)))].sort();
}

function expressionsOfPage(): string[] {
  const { panels } = JSON.parse(dashboard) as { panels: { targets?: { expr: string }[] }[] };
  return panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
}

test('page and alerts use existing metrics, and the page shows all our metrics', async () => {
  const { kinds } = await figures();
  const shown = namesIn(expressionsOfPage(), kinds);
  const watched = namesIn(
    [...alerts.matchAll(/expr: (?:\|\n((?: {10}.*\n)+)|(.*))/g)].map(([, block, line]) => block ?? line ?? ''),
    kinds,
  );
  expect(shown.length).toBeGreaterThan(30);
  expect(watched.length).toBeGreaterThan(15);
  expect(shown.filter((name) => !kinds.has(name))).toEqual([]);
  expect(watched.filter((name) => !kinds.has(name) && !foreign.includes(name))).toEqual([]);
  const ours = [...kinds.keys()].filter((name) => name.startsWith('crossdesk_'));
  // A metric that is missing here needs a panel in tools/src/observe.
  expect(ours.filter((name) => !shown.includes(name))).toEqual([]);
});

/** The topics that each consumer group reads, according to the log. */
async function topicsOfGroups(): Promise<Map<string, readonly string[]>> {
  const client = new Client({ connectionString: here.running().databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ group: string; topics: string[] }>(
      `select group_name as "group", array_agg(distinct topic order by topic) as topics from broker.group_partition group by 1`,
    );
    return new Map(rows.map(({ group, topics }) => [group, topics]));
  } finally {
    await client.end();
  }
}

test('the chart scales each consuming service by one of its consumer groups and the topics of that group', async () => {
  type Values = { consumers: Record<string, { group: string; topics: string[] }> };
  const text = readFileSync(join(import.meta.dirname, '../../../infra/helm/crossdesk/values.yaml'), 'utf8');
  const { consumers } = parse(text) as Values;
  await eventually(async () => {
    const groups = await topicsOfGroups();
    const consuming = new Set([...groups.keys()].map((group) => group.split('.')[0]));
    expect(new Set(Object.keys(consumers))).toEqual(consuming);
    for (const [service, { group, topics }] of Object.entries(consumers)) {
      expect(group.split('.')[0]).toBe(service);
      expect({ group, topics }).toEqual({ group, topics: groups.get(group) });
    }
  });
});
