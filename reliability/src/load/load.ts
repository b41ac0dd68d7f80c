import type { EchoMode } from '@crossdesk/twin';
import type { System } from '../system/system.ts';
import type { History } from '../history.ts';
import { readEverything } from '@crossdesk/standalone/support/tally.ts';
import { randomFrom } from '@crossdesk/standalone/support/random.ts';
import { insist } from '../system/insist.ts';
import { erase } from './erasures.ts';
import { claim } from './claims.ts';
import { replyToMany } from './bulk.ts';
import { letMachineAnswer } from './machine-answers.ts';
import { complain } from './complaints.ts';
import { comeAndGo, openForWork } from './team.ts';
import { poison } from './poison.ts';
import { replayNothing } from './replay.ts';
import { reply } from './replies.ts';
import { shuffled } from './shuffled.ts';

export interface LoadOptions {
  readonly seed: number;
  /** Messages of buyers pushed to each shop. */
  readonly messagesPerShop: number;
  readonly threadsPerShop: number;
  /** Replies asked for in each workspace. */
  readonly replies: number;
  /** How many people of each workspace answer at once. Default: one. */
  readonly hands?: number;
  /** Records that cannot be read, published to the log. */
  readonly poisons: number;
  /** Customers to be erased at each generic shop. */
  readonly erasures?: number;
  /** Share of sends that the platforms execute without an answer. */
  readonly unheardPercent: number;
  /** Share of sends refused as too many. */
  readonly refusedPercent?: number;
  /** When Shopee pushes back what its API was asked to send. */
  readonly echoes?: EchoMode;
}

/**
 * Buyers write, some messages are pushed twice at once, agents answer with keys that they repeat, a team takes what the queue
 * gives it, and some records cannot be read. Everything goes into the history. Resolves when all is pushed, answered and acknowledged; sends that follow may still
 * fail at the platforms.
 */
export async function applyLoad(system: System, history: History, options: LoadOptions): Promise<void> {
  const { twin } = system;
  const { hands = 1 } = options;
  const random = randomFrom(options.seed);
  for (const platform of ['generic', 'shopee'] as const) {
    twin.faults.rate(platform, { fault: 'execute-then-reset', percent: options.unheardPercent });
    twin.faults.rate(platform, { fault: 'rate-limit', percent: options.refusedPercent ?? 0 });
  }
  twin.setEchoes('shopee', options.echoes ?? 'after-answer');
  await Promise.all([system.lumina, system.nordic].map(letMachineAnswer));
  await Promise.all([system.lumina, system.nordic].map(openForWork));
  const bursts = Promise.all(
    system.shops.map((shop) =>
      twin.burst({
        shop: shop.shop,
        messages: options.messagesPerShop,
        threads: options.threadsPerShop,
        duplicatesPercent: 10,
        concurrency: 3,
        onAttempt: ({ threadId, messageId, outcome }) => {
          const phase = outcome === 'begun' ? 'invoke' : outcome === 'acknowledged' ? 'ok' : 'info';
          history.add({ op: 'webhook', phase, shop: shop.name, thread: threadId, id: messageId });
        },
      }),
    ),
  );
  await Promise.all([
    bursts,
    shuffled(system, history, options.seed),
    poison(system, history, options.poisons),
    erase(system, history, { seed: options.seed, erasures: options.erasures ?? 0 }),
    ...[system.lumina, system.nordic].flatMap((workspace) => [
      claim(workspace, history, random),
      comeAndGo(workspace),
      complain(workspace),
      replyToMany(workspace, history, options.seed),
    ]),
    ...[system.lumina, system.nordic].flatMap((workspace) =>
      Array.from({ length: hands }, (_, hand) =>
        reply(workspace, history, { random, seed: options.seed, hand, replies: options.replies / hands }),
      ),
    ),
  ]);
  await replayNothing(system.lumina);
  await twin.settled();
}

/** Reads all messages of both workspaces through the API. */
export async function readAsPeople(system: System, history: History): Promise<void> {
  for (const slug of ['lumina', 'nordic'] as const) {
    const everything = await insist(() => readEverything(system[slug].supervisor));
    const externalIds = everything.flatMap(({ messages }) =>
      messages.edges.flatMap(({ node }) => (node.externalId === null ? [] : [node.externalId])),
    );
    history.add({ op: 'read', tenantId: system.tenants[slug], externalIds });
  }
}
