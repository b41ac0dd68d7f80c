import { beginningOf, liveClient, readEvents, type ShownEvent } from '@crossdesk/standalone/support/live.ts';
import type { Figure } from './figures.ts';
import { sendSteadily } from './steady.ts';
import { type BenchSystem, startClusterSystem } from './system.ts';

const perSecond = 200;
const seconds = 60;

/** On Kafka: one person who watches the whole inbox of a busy store, and a late one who reads all of it. */
export async function benchSubscription(): Promise<Figure[]> {
  const system = await startClusterSystem();
  try {
    const warmUp = perSecond * 10;
    const beginning = await beginningOf(system.graphqlUrl, system.token);
    const reading = readMessages(system, beginning, warmUp);
    await sendSteadily(system, { perSecond, seconds: 10, run: 'warm-up' });
    const { cursor } = await reading;
    const watching = readMessages(system, cursor, perSecond * seconds);
    await sendSteadily(system, { perSecond, seconds, run: 'live' });
    const projectedAt = performance.now();
    const behindMs = Math.max(0, (await watching).shownAt - projectedAt);
    const all = warmUp + perSecond * seconds;
    const startedAt = performance.now();
    const { shownAt } = await readMessages(system, beginning, all);
    const eventsPerSecond = (all * 1_000) / (shownAt - startedAt);
    return [
      {
        name: `a subscriber after ${seconds} s of ${perSecond} messages a second, behind`,
        value: behindMs,
        unit: 'ms',
        target: '< 1,000',
        isReached: behindMs < 1_000,
        detail: 'from the last message in every projection until it is shown',
      },
      {
        name: 'a subscriber who catches up',
        value: eventsPerSecond,
        unit: 'events/s',
        target: `>= ${perSecond}`,
        isReached: eventsPerSecond >= perSecond,
      },
    ];
  } finally {
    await system.stop();
  }
}

/** Reads until this many messages were shown; returns the time of the last one, and its cursor. */
async function readMessages({ graphqlUrl, token }: BenchSystem, after: string, count: number) {
  const client = liveClient(graphqlUrl, token);
  let left = count;
  const isLast = ({ kind }: ShownEvent): boolean => kind === 'MESSAGE_ADDED' && --left === 0;
  const events = await readEvents(client, after, isLast);
  const shownAt = performance.now();
  await client.dispose();
  return { shownAt, cursor: events.at(-1)?.cursor ?? after };
}
