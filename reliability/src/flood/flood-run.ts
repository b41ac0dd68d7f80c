import { violation, type Violation } from '../checkers/checker.port.ts';
import { type Entry, operations } from '../history.ts';
import { run, type RunReport, type RunSpec } from '../run.ts';
import { openDrips } from './drips.ts';

const dripsAtOnce = 2_000;

/** Load while thousands of sockets at the webhook port send a header byte by byte that never ends. */
export function floodRun(spec: Pick<RunSpec, 'seed' | 'server' | 'log' | 'directory'>): Promise<RunReport> {
  return run({
    ...spec,
    name: 'slow sockets',
    repeat: `pnpm reliability flood --seed ${spec.seed}`,
    load: { seed: spec.seed, messagesPerShop: 300, threadsPerShop: 40, replies: 20, poisons: 0, unheardPercent: 10 },
    trouble: async (system, history, startLoad) => {
      const [shop] = system.shops;
      if (shop === undefined) throw new Error('there is no shop');
      history.add({ op: 'fault', kind: `${dripsAtOnce} slow sockets`, detail: '' });
      const drips = await openDrips(Number(new URL(shop.webhookUrl).port), dripsAtOnce);
      try {
        await startLoad(spec.seed);
        const { endedByServer, stillOpen } = await drips.outlast();
        history.add({ op: 'note', what: 'slow sockets ended by the server', detail: String(endedByServer) });
        return [
          ...unacknowledged(history.entries),
          ...(stillOpen === 0 ? [] : [violation('I9', 'wrong', `${stillOpen} slow sockets are never ended`)]),
        ];
      } finally {
        drips.close();
      }
    },
  });
}

/** Messages that were refused and never acknowledged, although the platform repeated them for minutes. */
export function unacknowledged(history: readonly Entry[]): Violation[] {
  const webhooks = operations(history, 'webhook');
  const acknowledged = new Set(webhooks.flatMap(({ phase, shop, id }) => (phase === 'ok' ? [`${shop} ${id}`] : [])));
  const refused = new Set(webhooks.flatMap(({ phase, shop, id }) => (phase === 'info' ? [`${shop} ${id}`] : [])));
  return [...refused]
    .filter((name) => !acknowledged.has(name))
    .map((name) => violation('I9', 'lost', `${name} was never acknowledged`));
}
