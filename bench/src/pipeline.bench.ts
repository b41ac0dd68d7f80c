import { type Figure, percentile } from './figures.ts';
import { sendFrom } from './sending.ts';
import { type BenchSystem, countProjected, startSystem } from './system.ts';

/** How long all five projections take to have what was accepted, and how late a message shows at a steady pace. */
export async function benchPipeline(): Promise<Figure[]> {
  const system = await startSystem();
  try {
    await throughput(system, 2_000, 'warm-up');
    const { perSecond, detail } = await throughput(system, 20_000, 'run');
    const p99 = await delay(system);
    return [
      {
        name: 'webhook -> visible in five projections, sustained',
        value: perSecond,
        unit: 'msg/s',
        target: '>= 1,000',
        isReached: perSecond >= 1_000,
        detail,
      },
      {
        name: 'webhook -> visible at 300 msg/s, p99',
        value: p99,
        unit: 'ms',
        target: '< 1,000',
        isReached: p99 < 1_000,
      },
    ];
  } finally {
    await system.stop();
  }
}

async function throughput(
  system: BenchSystem,
  count: number,
  run: string,
): Promise<{ perSecond: number; detail: string }> {
  const [before = 0] = await countProjected(system.database);
  const startedAt = performance.now();
  const sent = await sendFrom({
    origin: system.webhookOrigin,
    path: system.webhookPath,
    secret: system.secret,
    count,
    connections: 64,
    perSecond: null,
    threads: Math.ceil(count / 10),
    run,
  });
  const ackedAt = performance.now();
  await system.settled(before + sent.accepted);
  const seconds = (performance.now() - startedAt) / 1_000;
  return {
    perSecond: sent.accepted / seconds,
    detail: `${sent.accepted} messages; acked after ${((ackedAt - startedAt) / 1_000).toFixed(1)} s, visible after ${seconds.toFixed(1)} s`,
  };
}

const sampleEvery = 10;

/** At 300 messages a second, how long until one query through the gateway shows message, language, customer and count. */
async function delay(system: BenchSystem): Promise<number> {
  const count = 300 * 15;
  const delaysMs: number[] = [];
  const seen = new Map<string, number>();
  let isSending = true;
  const watching = watch();
  await sendFrom({
    origin: system.webhookOrigin,
    path: system.webhookPath,
    secret: system.secret,
    count,
    connections: 32,
    perSecond: 300,
    threads: count / sampleEvery,
    run: 'steady',
  });
  isSending = false;
  await watching;
  return percentile(delaysMs, 0.99);

  async function watch(): Promise<void> {
    const query = `{ conversations(first: 25) { edges { node { id customer { id } messages(first: 2) { edges { node { id receivedAt language { locale } } } } } } } inboxOverview { conversationCount } }`;
    for (let quietRounds = 0; isSending || quietRounds < 8; quietRounds += isSending ? 0 : 1) {
      const data = await system.ask(query);
      const now = Date.now();
      const edges = (
        data as {
          conversations: {
            edges: {
              node: {
                customer: object | null;
                messages: { edges: { node: { id: string; receivedAt: string; language: object | null } }[] };
              };
            }[];
          };
        }
      ).conversations.edges;
      for (const { node } of edges) {
        if (node.customer === null) continue;
        for (const { node: message } of node.messages.edges) {
          if (message.language === null || seen.has(message.id)) continue;
          seen.set(message.id, now);
          delaysMs.push(now - Date.parse(message.receivedAt));
        }
      }
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }
}
