import { type Figure, percentile } from './figures.ts';
import { sendFrom } from './sending.ts';
import { sendSteadily } from './steady.ts';
import { type BenchSystem, countProjected, startSystem } from './system.ts';

/** How long all five projections need for the accepted messages, and how late a message is shown at a steady rate. */
export async function benchPipeline(): Promise<Figure[]> {
  const system = await startSystem();
  try {
    await throughput(system, 2_000, 'warm-up');
    const { perSecond, detail } = await throughput(system, 20_000, 'run');
    const { visibleMs } = await sendSteadily(system, { perSecond: 300, seconds: 15, run: 'steady' });
    const p99 = percentile(visibleMs, 0.99);
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
    ...system.webhook,
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
