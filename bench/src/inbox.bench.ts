import { rebuildSearchIndex } from '@crossdesk/conversation';
import { type Figure, percentile, rounded } from './figures.ts';
import { seedInbox } from './inbox-list.bench.ts';
import { type StandaloneSystem, startSystem } from './system.ts';

const rounds = 100;
/** `BENCH_CONVERSATIONS=1000000` for a million, with ten messages each. */
const conversations = Number(process.env['BENCH_CONVERSATIONS'] ?? '100000');
const words = ['parcel', '包裹', 'พัสดุ', 'طلب', 'посылка', '#seed', 'buyer 77'];

const row = 'edges { node { id number state buyerName lastMessageAt lastMessagePreview unreadCount } }';
const lists: Readonly<Record<string, string>> = {
  list: `{ conversations(first: 25) { ${row} } }`,
  'side panel': `{ conversations(first: 1) { edges { node { id notes { totalCount } messages(first: 25) { edges { node { id text } } } } } } }`,
};

/** Lists, views, counts and the search through the gateway, in a large workspace. */
export async function benchInbox(): Promise<Figure[]> {
  const system = await startSystem();
  try {
    await seedInbox(system.database, conversations);
    const built = await buildIndex(system);
    const figures = [built];
    for (const [name, query] of Object.entries(lists)) figures.push(await p95(system, name, [query], 50));
    const { views } = (await system.ask('{ views { id name } }')) as { views: { id: string; name: string }[] };
    const view = (id: string, shown: string) => `{ view(id: "${id}") { ${shown} } }`;
    for (const { id, name } of views) {
      figures.push(await p95(system, `view ${name}`, [view(id, `conversations(first: 25) { ${row} }`)], 50));
      figures.push(await p95(system, `count of ${name}`, [view(id, 'count { value isExact }')], 50));
    }
    for (const word of words)
      figures.push(
        await p95(system, `search ${word}`, [`{ search(query: "${word}") { edges { node { excerpt } } } }`], 100),
      );
    return figures;
  } finally {
    await system.stop();
  }
}

async function buildIndex({ standalone }: StandaloneSystem): Promise<Figure> {
  const startedAt = performance.now();
  const { textCount } = await rebuildSearchIndex({
    databaseUrl: standalone.databaseUrl,
    keys: standalone.conversation.runtime.keys,
  });
  const perSecond = (textCount / (performance.now() - startedAt)) * 1_000;
  return {
    name: 'texts indexed',
    value: perSecond,
    unit: '/s',
    target: '',
    isReached: true,
    detail: `${textCount} texts`,
  };
}

async function p95(
  system: StandaloneSystem,
  name: string,
  queries: readonly string[],
  targetMs: number,
): Promise<Figure> {
  const tookMs: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const startedAt = performance.now();
    await system.ask(queries[round % queries.length] ?? '');
    if (round > rounds / 3) tookMs.push(performance.now() - startedAt);
  }
  const value = percentile(tookMs, 0.95);
  const detail = `${rounded(percentile(tookMs, 0.5))} ms at the middle, ${conversations} conversations`;
  return { name: `${name} p95`, value, unit: 'ms', target: `< ${targetMs}`, isReached: value < targetMs, detail };
}
