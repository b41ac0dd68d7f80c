import { liveClient, readEvents } from '@crossdesk/standalone/support/live.ts';
import { setTimeout as pause } from 'node:timers/promises';
import type { History } from '../history.ts';
import { say } from '../load/shuffled.ts';
import type { System } from '../system/system.ts';
import type { Tenant } from './crowd.ts';

const startWithinMs = 30_000;
const lastWord = 'Goodbye';

export interface Watch {
  /** Calls back when the message with this platform id is shown to the people of the tenant. */
  once(externalId: string, shown: () => void): void;
  stop(): Promise<void>;
}

/** Subscribes to the inbox of a tenant. Resolves when the subscription has begun. */
export async function watch(system: System, history: History, { token, shop }: Tenant): Promise<Watch> {
  const waiting = new Map<string, () => void>();
  const client = liveClient(system.graphqlUrl, token);
  const started = Promise.withResolvers<void>();
  const reading = readEvents(client, null, ({ message }) => {
    started.resolve();
    const id = message?.externalId ?? '';
    waiting.get(id)?.();
    waiting.delete(id);
    return message?.text === lastWord;
  });
  // That a subscription has begun is known only when it shows something.
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
