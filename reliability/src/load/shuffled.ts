import type { Shop, System } from '../system/system.ts';
import type { History } from '../history.ts';

const threads = 10;
const messagesPerThread = 6;
/** Further apart than any platform rounds its times. */
const apartMs = 2_000;

/** A buyer says something; the platform pushes it until it is acknowledged. Returns the platform's id of the message. */
export function say(
  { twin }: Pick<System, 'twin'>,
  history: History,
  { shop, name }: Shop,
  buyer: string,
  text: string,
  {
    at = new Date(),
    onAcknowledged = () => undefined,
  }: { readonly at?: Date; readonly onAcknowledged?: () => void } = {},
): string {
  const note = (phase: 'invoke' | 'ok'): void => history.add({ op: 'webhook', phase, shop: name, thread, id });
  const { threadId: thread, messageId: id } = twin.buyerSays({
    shop,
    buyer,
    content: { kind: 'text', text },
    at,
    onPushed: () => {
      onAcknowledged();
      note('ok');
    },
  });
  note('invoke');
  return id;
}

/** Buyers write messages that arrive late and in the wrong order. The order of the platform's times must be shown. */
export async function shuffled(system: System, history: History, seed: number): Promise<void> {
  const { twin, shops } = system;
  const shop = shops.find(({ platform }) => platform === 'generic');
  if (shop === undefined) throw new Error('there is no generic shop');
  twin.faults.rate('generic', { fault: 'reordered-push', percent: 30 });
  twin.faults.rate('generic', { fault: 'duplicate-push', percent: 10 });
  const startMs = Date.now() - threads * messagesPerThread * apartMs;
  for (let n = 0; n < messagesPerThread; n += 1) {
    for (let thread = 0; thread < threads; thread += 1) {
      const at = new Date(startMs + n * apartMs);
      say(system, history, shop, `shuffled-${seed}-${thread}`, `Part ${n} of what I want to say`, { at });
    }
  }
  await twin.settled();
}
