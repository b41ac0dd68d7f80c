import type { Shop, System } from '../system/system.ts';
import type { History } from '../history.ts';

const threads = 10;
const messagesPerThread = 6;
/** Further apart than any platform rounds its times. */
const apartMs = 2_000;

/** A buyer says something; the platform pushes it until it is acknowledged. */
export function say(
  { twin }: Pick<System, 'twin'>,
  history: History,
  shop: Shop,
  buyer: string,
  text: string,
  at = new Date(),
): { readonly thread: string; readonly id: string } {
  const { threadId, messageId } = twin.buyerSays({ shop: shop.shop, buyer, content: { kind: 'text', text }, at });
  history.add({ op: 'webhook', phase: 'invoke', shop: shop.name, thread: threadId, id: messageId });
  return { thread: threadId, id: messageId };
}

/** Buyers write messages that arrive late and in the wrong order. The order of the platform's times must be shown. */
export async function shuffled(system: System, history: History, seed: number): Promise<void> {
  const { twin, shops } = system;
  const shop = shops.find(({ platform }) => platform === 'generic');
  if (shop === undefined) throw new Error('there is no generic shop');
  twin.faults.rate('generic', { fault: 'reordered-push', percent: 30 });
  twin.faults.rate('generic', { fault: 'duplicate-push', percent: 10 });
  const startMs = Date.now() - threads * messagesPerThread * apartMs;
  const said: { thread: string; id: string }[] = [];
  for (let n = 0; n < messagesPerThread; n += 1) {
    for (let thread = 0; thread < threads; thread += 1) {
      const at = new Date(startMs + n * apartMs);
      said.push(say(system, history, shop, `shuffled-${seed}-${thread}`, `Part ${n} of what I want to say`, at));
    }
  }
  // The platform repeats each push until it is acknowledged.
  await twin.settled();
  for (const { thread, id } of said) history.add({ op: 'webhook', phase: 'ok', shop: shop.name, thread, id });
}
