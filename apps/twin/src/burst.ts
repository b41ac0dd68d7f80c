import type { Context } from './platform.port.ts';
import { demoBuyers } from './catalogue.ts';
import { laneOf } from './happen.ts';
import type { Message, Shop, ShopRef, Thread } from './model.ts';
import type { Push } from './pusher.ts';
import { makeContent } from './traffic.ts';
import type { Random } from './seed.ts';

export interface BurstOptions {
  readonly shop: ShopRef;
  readonly messages: number;
  /** Share of messages pushed twice: half of those at the same time, half later. */
  readonly duplicatesPercent: number;
  /** Webhooks in flight at once. */
  readonly concurrency: number;
  /** The number of buyers, each with their own thread. */
  readonly threads?: number;
  /** The address to push to; the webhook address of the shop if left out. */
  readonly pushedTo?: string;
  /** Called at the beginning and end of each attempt, so that a test has its own record of the acknowledged messages. */
  readonly onAttempt?: (attempt: BurstAttempt) => void;
}

export interface BurstAttempt {
  readonly threadId: string;
  readonly messageId: string;
  readonly outcome: 'begun' | 'acknowledged' | 'refused' | 'unreachable';
}

export interface BurstResult {
  /** Ids of messages whose webhook was answered with 2xx, by thread, in the order of the platform. */
  readonly acknowledged: Readonly<Record<string, readonly string[]>>;
  /** Ids of messages given up after the maximum number of tries. */
  readonly givenUp: readonly string[];
  readonly attempts: number;
  readonly duplicatesPushed: number;
  readonly durationMs: number;
  /** The time from the first attempt to the 2xx, for each message. */
  readonly acknowledgeMs: { readonly p50: number; readonly p99: number; readonly max: number };
}

/** Tries times pause: a killed receiver has this long to restart. */
const triesMax = 1_800;
const retryPauseMs = 100;

interface Item {
  readonly thread: Thread;
  readonly message: Message;
  readonly isRepeat: boolean;
}

interface Progress {
  readonly acknowledged: Set<string>;
  readonly givenUp: Set<string>;
  readonly tookMs: number[];
  attempts: number;
}

/** Pushes many signed messages fast. Each is repeated until it is acknowledged or its tries are used up. */
export async function burst(context: Context, options: BurstOptions): Promise<BurstResult> {
  const shop = context.world.shop(options.shop);
  const pushes = context.platforms[shop.platform].messages?.pushes ?? null;
  if (pushes === null) throw new Error(`${shop.platform} does not push messages`);
  const url = options.pushedTo ?? shop.webhookUrl;
  if (url === null) throw new Error('the shop has no webhook address: set one, or give pushedTo');
  const random = context.seed.random('burst', String(context.world.nextSequence()));
  const items = makeItems(context, shop, options, random);
  const startedAt = performance.now();
  const progress: Progress = { acknowledged: new Set(), givenUp: new Set(), tookMs: [], attempts: 0 };
  const queue = items.values();
  const work = async () => {
    for (const item of queue) {
      const draft = pushes.message(context, item.thread, item.message);
      await deliver(context, { ...draft, shop, lane: laneOf(item.thread) }, url, item, progress, options.onAttempt);
    }
  };
  await Promise.all(Array.from({ length: options.concurrency }, work));
  const first = items.filter((item) => !item.isRepeat);
  return {
    acknowledged: byThread(first, progress.acknowledged),
    givenUp: [...progress.givenUp].filter((id) => !progress.acknowledged.has(id)),
    attempts: progress.attempts,
    duplicatesPushed: items.length - first.length,
    durationMs: performance.now() - startedAt,
    acknowledgeMs: summary(progress.tookMs),
  };
}

/** Threads take turns, so that the messages of one thread are as far apart as possible. */
function makeItems(context: Context, shop: Shop, options: BurstOptions, random: Random): Item[] {
  const threads = Array.from({ length: options.threads ?? 50 }, (_, index) => {
    const profile = demoBuyers[index % demoBuyers.length];
    return context.world.threadOf(shop, context.world.buyer(shop, `burst-${index}`, profile));
  });
  const items: Item[] = [];
  const later: Item[] = [];
  for (let index = 0; index < options.messages; index += 1) {
    const thread = threads[index % threads.length] ?? random.pick(threads);
    const content = makeContent(context, random, shop, thread.buyer);
    const message = context.world.append(thread, { direction: 'inbound', via: 'buyer', content });
    items.push({ thread, message, isRepeat: false });
    if (!random.percent(options.duplicatesPercent)) continue;
    (random.percent(50) ? items : later).push({ thread, message, isRepeat: true });
  }
  return [...items, ...later];
}

async function deliver(
  context: Context,
  push: Push,
  url: string,
  item: Item,
  progress: Progress,
  onAttempt: (attempt: BurstAttempt) => void = () => undefined,
): Promise<void> {
  const startedAt = performance.now();
  const names = { threadId: item.thread.id, messageId: item.message.id };
  for (let tries = 0; tries < triesMax && !context.pusher.isClosed; tries += 1) {
    progress.attempts += 1;
    onAttempt({ ...names, outcome: 'begun' });
    const outcome = await context.pusher.attempt(push, url);
    onAttempt({ ...names, outcome });
    if (outcome === 'acknowledged') {
      progress.acknowledged.add(item.message.id);
      progress.tookMs.push(performance.now() - startedAt);
      return;
    }
    await context.pusher.pause(retryPauseMs);
  }
  progress.givenUp.add(item.message.id);
}

function byThread(items: readonly Item[], acknowledged: ReadonlySet<string>): Record<string, string[]> {
  const threads: Record<string, string[]> = {};
  for (const { thread, message } of items) {
    if (acknowledged.has(message.id)) (threads[thread.id] ??= []).push(message.id);
  }
  return threads;
}

function summary(values: readonly number[]): BurstResult['acknowledgeMs'] {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { p50: at(0.5), p99: at(0.99), max: sorted.at(-1) ?? 0 };
}
