import { liveClient, readEvents } from '@crossdesk/standalone/support/live.ts';
import { setTimeout as pause } from 'node:timers/promises';
import type { Beside, History } from '../history.ts';
import { say } from '../load/shuffled.ts';
import { run, type RunReport, type RunSpec } from '../run.ts';
import { comeToRest } from '../system/quiet.ts';
import type { Shop, System } from '../system/system.ts';
import { paced } from './paced.ts';

/** A hundred times this leaves two processors room: what is asked is who waits for whom, not what the machine bears. */
const coldPerSecond = 1;
const timesHotter = 100;
const phaseMs = 90_000;
/** Enough for caches, plans and compilers of both tenants. */
const warmUpMs = 15_000;
const coldBuyers = 20;
const hotBuyers = 400;
const restWithinMs = 60_000;
const startWithinMs = 30_000;
const lastWord = 'Goodbye';

/** How the page counts it. */
export const hotTenant = `a tenant with ${timesHotter} times the messages`;

/**
 * What a quiet tenant feels of one that gets a hundred times its messages: how long its webhooks wait for their
 * acknowledgement, and its people for the message, first alone and then beside the other.
 */
export function hotRun(spec: Pick<RunSpec, 'seed' | 'server' | 'tree' | 'log' | 'directory'>): Promise<RunReport> {
  return run({
    ...spec,
    name: 'hot tenant',
    repeat: `pnpm reliability hot --log ${spec.log.kind} --seed ${spec.seed}`,
    load: { seed: spec.seed, messagesPerShop: 0, threadsPerShop: 1, replies: 0, poisons: 0, unheardPercent: 0 },
    // Whoever looks at the inbox of the hot one is shown its events one by one, a minute behind at worst.
    quietWithinMs: 240_000,
    trouble: async (system, history) => {
      const cold = shopOf(system, system.nordic.slug);
      const hot = shopOf(system, system.lumina.slug);
      const shown = await watch(system, history);
      const write = (shop: Shop, perSecond: number, buyers: number, forMs: number, on?: Measured): Promise<void> =>
        paced(perSecond, forMs, (n) => writeOnce(system, history, shop, `${n % buyers}`, on));
      const beHot = (forMs: number): Promise<void> => write(hot, coldPerSecond * timesHotter, hotBuyers, forMs);
      const beCold = (beside: Beside): Promise<void> =>
        write(cold, coldPerSecond, coldBuyers, phaseMs, { beside, shown });
      const rest = (): Promise<unknown> => comeToRest(system, performance.now() + restWithinMs);
      await beHot(warmUpMs);
      await rest();
      await beCold('nobody');
      await rest();
      history.add({ op: 'fault', kind: hotTenant, detail: '' });
      await Promise.all([beCold('the hot one'), beHot(phaseMs)]);
      await rest();
      await shown.stop();
      return [];
    },
  });
}

interface Measured {
  readonly beside: Beside;
  readonly shown: Watch;
}

interface Watch {
  /** Calls back when the message with this platform id is shown to the people of the cold tenant. */
  once(externalId: string, shown: () => void): void;
  stop(): Promise<void>;
}

function writeOnce(system: System, history: History, shop: Shop, buyer: string, on?: Measured): void {
  const saidAt = performance.now();
  const note = (what: 'acknowledged' | 'shown') => (): void => {
    if (on !== undefined) history.add({ op: 'pace', what, beside: on.beside, tookMs: performance.now() - saidAt });
  };
  const acknowledged = note('acknowledged');
  const { threadId: thread, messageId: id } = system.twin.buyerSays({
    shop: shop.shop,
    buyer,
    content: { kind: 'text', text: 'When does my parcel arrive?' },
    onPushed: () => {
      acknowledged();
      history.add({ op: 'webhook', phase: 'ok', shop: shop.name, thread, id });
    },
  });
  history.add({ op: 'webhook', phase: 'invoke', shop: shop.name, thread, id });
  on?.shown.once(id, note('shown'));
}

/** One of the cold tenant's people, who looks at the inbox. Resolves when the subscription shows what is written. */
async function watch(system: System, history: History): Promise<Watch> {
  const waiting = new Map<string, () => void>();
  const client = liveClient(system.graphqlUrl, system.nordic.supervisor.token);
  const started = Promise.withResolvers<void>();
  const reading = readEvents(client, null, ({ message }) => {
    started.resolve();
    const id = message?.externalId ?? '';
    waiting.get(id)?.();
    waiting.delete(id);
    return message?.text === lastWord;
  });
  // Nobody knows when a subscription has begun until it shows something.
  const shop = shopOf(system, system.nordic.slug);
  const untilStarted = AbortSignal.timeout(startWithinMs);
  while (!(await Promise.race([started.promise.then(() => true), reading.then(() => true), pause(500, false)]))) {
    untilStarted.throwIfAborted();
    say(system, history, shop, 'first', 'Is anybody there?');
  }
  return {
    once: (id, shown) => waiting.set(id, shown),
    stop: async () => {
      say(system, history, shop, 'first', lastWord);
      await reading;
      await client.dispose();
    },
  };
}

function shopOf({ shops }: System, slug: string): Shop {
  const shop = shops.find(({ name }) => name.startsWith(`generic/${slug}`));
  if (shop === undefined) throw new Error(`${slug} has no shop`);
  return shop;
}
