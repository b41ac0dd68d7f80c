import { setTimeout as pause } from 'node:timers/promises';
import { startLocalKafka } from '@crossdesk/local-kafka';
import { type Figure, percentile } from './figures.ts';
import { sendFrom } from './sending.ts';
import { type BenchSystem, countProjected, newDirectory, removeDirectory, startClusterSystem } from './system.ts';

const perSecond = 200;
const secondsBefore = 10;
const secondsGone = 300;
const secondsAfter = 120;
/** Drained: the slowest projection is no further behind than in normal operation. */
const usualBacklog = perSecond;

/**
 * The broker is gone for five minutes while webhooks continue: none may be refused, and the backlog must drain
 * afterwards.
 */
export async function benchOutage(): Promise<Figure[]> {
  const directory = newDirectory();
  const kafka = await startLocalKafka({ directory, nodes: 1 });
  const system = await startClusterSystem({ KAFKA_BROKERS: kafka.brokers });
  try {
    const [broker] = kafka.nodes;
    if (broker === undefined) throw new Error('there is no broker to stop');
    const count = perSecond * (secondsBefore + secondsGone + secondsAfter);
    const sending = sendFrom({
      ...system.webhook,
      count,
      connections: 32,
      perSecond,
      threads: Math.ceil(count / 10),
      run: 'outage',
    });
    await pause(secondsBefore * 1_000);
    await broker.end('SIGTERM');
    await pause(secondsGone * 1_000);
    const backlog = await backlogOf(system);
    await broker.start();
    const drainedMs = await untilDrained(system);
    const sent = await sending;
    await system.settled(sent.accepted);
    const detail = `${sent.accepted} accepted, ack p99 ${Math.round(percentile(sent.latenciesMs, 0.99))} ms`;
    return [
      {
        name: `broker gone for ${secondsGone / 60} min at ${perSecond} msg/s, webhooks refused`,
        value: sent.refused,
        unit: '',
        target: '0',
        isReached: sent.refused === 0,
        detail,
      },
      {
        name: 'broker back, until its backlog is drained with the stream going on',
        value: drainedMs / 1_000,
        unit: 's',
        target: '< 120',
        isReached: drainedMs < 120_000,
        detail: `${backlog} messages waited`,
      },
    ];
  } finally {
    await system.stop();
    await kafka.stop();
    removeDirectory(directory);
  }
}

/** The number of accepted messages that the slowest projection does not have. */
async function backlogOf({ database }: BenchSystem): Promise<number> {
  const [accepted = 0, ...projected] = await countProjected(database);
  return accepted - Math.min(...projected);
}

async function untilDrained(system: BenchSystem): Promise<number> {
  const startedAt = performance.now();
  while ((await backlogOf(system)) > usualBacklog) await pause(1_000);
  return performance.now() - startedAt;
}
