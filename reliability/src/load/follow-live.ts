import { liveClient, readEvents } from '@crossdesk/standalone/support/live.ts';
import { setTimeout as pause } from 'node:timers/promises';
import type { History } from '../history.ts';
import { withClient } from '../system/with-client.ts';
import type { System } from '../system/system.ts';
import { insist } from '../system/insist.ts';
import { say } from './shuffled.ts';

const lookEveryMs = 250;
const lastWord = 'Goodbye';

export interface LiveReader {
  /** Resolves when it has been shown everything that was appended so far, at the latest after this time. */
  stop(withinMs: number): Promise<void>;
}

/** Subscribes as a front end does, continues after its cursor whenever the connection is lost, and notes what it is shown. */
export async function followLive(system: System, history: History): Promise<LiveReader> {
  const { graphqlUrl, lumina, tenants } = system;
  let after: string | null = null;
  let isOver = false;
  const shown: string[] = [];
  const started = Promise.withResolvers<void>();

  async function follow(): Promise<void> {
    while (!isOver) {
      const client = liveClient(graphqlUrl, lumina.supervisor.token);
      try {
        await readEvents(client, after, ({ id, cursor, conversation, message }) => {
          after = cursor;
          shown.push(id);
          history.add({
            op: 'live',
            subscriber: 'follower',
            tenantId: tenants.lumina,
            eventId: id,
            conversationId: conversation.id,
            version: conversation.version,
          });
          started.resolve();
          // It ends with the last word, after everything that is still to be shown.
          return isOver && message?.text === lastWord;
        });
      } catch {
        // The gateway is gone: subscribe again after the cursor.
        await pause(200);
      } finally {
        void Promise.resolve(client.dispose()).catch(() => undefined);
      }
    }
  }

  const following = follow();
  // That a subscription has begun is known only when it shows something.
  const [shop] = system.shops;
  for (let n = 0; shop !== undefined && !(await isSettled(started.promise, 1_000)); n += 1) {
    say(system, history, shop, 'first', `Is anybody there? ${n}`);
  }
  return {
    stop: async (withinMs) => {
      const endsAt = performance.now() + withinMs;
      while (performance.now() < endsAt && (await insist(() => countUnshown(system, shown))) > 0)
        await pause(lookEveryMs);
      isOver = true;
      // The last word ends the subscription.
      if (shop !== undefined) say(system, history, shop, 'first', lastWord);
      await Promise.race([following, pause(withinMs)]);
    },
  };
}

/** The number of messages after the first one shown that the subscriber has not been shown yet. */
async function countUnshown({ databaseUrl, tenants }: System, shown: readonly string[]): Promise<number> {
  return withClient(databaseUrl, async (client) => {
    const { rows } = await client.query<{ n: number }>(
      `select count(*)::int as n from conversation.outbox_event
       where tenant_id = $1 and envelope ->> 'type' = 'conversation.message-added' and event_id <> all($2::uuid[])
         and seq > (select seq from conversation.outbox_event where event_id = $3)`,
      [tenants.lumina, shown, shown[0]],
    );
    return rows[0]?.n ?? 0;
  });
}

async function isSettled(promise: Promise<void>, withinMs: number): Promise<boolean> {
  return Promise.race([promise.then(() => true), pause(withinMs, false)]);
}
