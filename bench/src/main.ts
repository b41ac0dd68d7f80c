import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Figure, print, rounded } from './figures.ts';
import { benchAutomation } from './automation.bench.ts';
import { benchCluster } from './cluster.bench.ts';
import { benchCrm } from './crm.bench.ts';
import { benchGateway } from './gateway.bench.ts';
import { benchInbox } from './inbox.bench.ts';
import { benchInboxList } from './inbox-list.bench.ts';
import { benchOutage } from './outage.bench.ts';
import { benchPipeline } from './pipeline.bench.ts';
import { benchQuiet } from './quiet.bench.ts';
import { benchRebuild } from './rebuild.bench.ts';
import { benchRouting } from './routing.bench.ts';
import { benchStandalone } from './standalone.bench.ts';
import { benchSubscription } from './subscription.bench.ts';
import { benchWebhooks, benchWebhooksOnSlowDisks } from './webhooks.bench.ts';

// The runner of scripts passes its own `--` on.
const { values, positionals: wanted } = parseArgs({
  args: process.argv.slice(2).filter((arg) => arg !== '--'),
  allowPositionals: true,
  options: { customers: { type: 'string', default: '100000' } },
});
const customers = Number(values.customers);
if (!Number.isSafeInteger(customers) || customers < 10_000) {
  console.error(`--customers is a whole number from 10000 on, not ${values.customers}`);
  process.exit(1);
}

const benches: Readonly<Record<string, () => Promise<Figure[]>>> = {
  automation: benchAutomation,
  webhooks: benchWebhooks,
  'slow-disks': benchWebhooksOnSlowDisks,
  pipeline: benchPipeline,
  quiet: benchQuiet,
  cluster: benchCluster,
  crm: () => benchCrm(customers),
  subscription: benchSubscription,
  outage: benchOutage,
  gateway: benchGateway,
  inbox: benchInbox,
  'inbox-list': benchInboxList,
  rebuild: benchRebuild,
  routing: benchRouting,
  standalone: benchStandalone,
};

const unknown = wanted.filter((name) => !(name in benches));
if (unknown.length > 0) {
  console.error(`there is no bench ${unknown.join(', ')}: take ${Object.keys(benches).join(', ')}, or none for all`);
  process.exit(1);
}

const [cpu] = cpus();
const loadBefore = rounded(loadavg()[0] ?? 0);
console.log(
  `${cpus().length} cores (${cpu?.model ?? 'unknown'}), ${Math.round(totalmem() / 1e9)} GB, Node ${process.version}, load ${loadBefore} before\n`,
);
const figures: Figure[] = [];
for (const [name, bench] of Object.entries(benches)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  for (const figure of await bench()) {
    print(figure);
    figures.push(figure);
  }
}
const directory = join(import.meta.dirname, '../results');
mkdirSync(directory, { recursive: true });
const result = { at: new Date().toISOString(), node: process.version, cores: cpus().length, loadBefore, figures };
writeFileSync(join(directory, 'latest.json'), `${JSON.stringify(result, null, 2)}\n`);
console.log('\nwritten to bench/results/latest.json');
process.exit(0);
