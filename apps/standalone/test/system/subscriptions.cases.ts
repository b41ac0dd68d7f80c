import { beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '@crossdesk/contracts';
import { eventually } from '@crossdesk/testkit';
import { conversationWith, messagesOf } from '../support/inbox.ts';
import type { System } from '../support/system.ts';
import { beginningOf, liveClient, readEvents, type ShownEvent } from '../support/live.ts';
import { type ConnectedAccount, connectShop, type Workspace } from '../support/workspace.ts';

const buyers = ['ana', 'bo', 'cleo'] as const;
const rounds = 7;

let here: System;
let listening: Workspace;
let stranger: Workspace;
let shop: ConnectedAccount;
let foreignShop: ConnectedAccount;

let said = 0;
function say(account: ConnectedAccount, buyer: string, text: string): string {
  said += 1;
  return here.twin.buyerSays({ shop: account.shop, buyer, content: { kind: 'text', text } }).messageId;
}

/** Opens a stream, runs `during`, and reads up to the message with this text. */
async function follow(who: Workspace, after: string | null, lastText: string): Promise<ShownEvent[]> {
  const client = liveClient(here.graphqlUrl, who.agent.token);
  try {
    return await readEvents(client, after, ({ message }) => message?.text === lastText);
  } finally {
    await client.dispose();
  }
}

/** The live streams, with a restart. */
export function describeSubscriptions(
  open: () => { readonly here: System; readonly listening: Workspace; readonly foreign: Workspace },
): void {
  describe('a live stream', () => {
    beforeAll(async () => {
      ({ here, listening, foreign: stranger } = open());
      shop = await connectShop(listening.admin, here.twin, 'generic', 'listening-web');
      foreignShop = await connectShop(stranger.admin, here.twin, 'generic', 'foreign-web');
    }, 60_000);

    test('a stream that is resumed across dropped sockets and a restart shows every event once, in order', async () => {
      // A second attempt sees the messages of the first one as well.
      const attempt = newId();
      const first = say(shop, 'ana', `first ${attempt}`);
      await eventually(() => conversationWith(listening.agent, shop.id, 'ana'));
      const beginning = await beginningOf(here.graphqlUrl, listening.agent.token);
      const seen = await follow(listening, beginning, `first ${attempt}`);
      const externalIds: Record<string, string[]> = { ana: [], bo: [], cleo: [] };

      for (let round = 0; round < rounds; round += 1) {
        const last = `last of round ${round} ${attempt}`;
        const sayAll = () => {
          for (let n = 0; n < 10; n += 1) {
            for (const buyer of buyers) externalIds[buyer]?.push(say(shop, buyer, `${round} ${n} ${buyer}`));
            say(foreignShop, 'spy', `foreign ${round} ${n}`);
          }
        };
        const after = seen.at(-1)?.cursor ?? null;
        // Every third round nobody listens meanwhile, and once the system is down.
        if (round === 3) {
          await here.restart(async () => sayAll());
          await here.twin.settled();
        } else if (round % 3 === 0) {
          sayAll();
          await here.twin.settled();
        }
        const reading = follow(listening, after, last);
        if (round % 3 !== 0) sayAll();
        await here.twin.settled();
        externalIds['ana']?.push(say(shop, 'ana', last));
        seen.push(...(await reading));
      }

      // The events of other conversations that were still to come when the last message was seen.
      const ours = new Set([first, ...Object.values(externalIds).flat()]);
      const messages = () =>
        seen.filter(({ kind, message }) => kind === 'MESSAGE_ADDED' && ours.has(message?.externalId ?? ''));
      const expected = ours.size;
      while (messages().length < expected) {
        const client = liveClient(here.graphqlUrl, listening.agent.token);
        seen.push(...(await readEvents(client, seen.at(-1)?.cursor ?? null, () => true)));
        await client.dispose();
      }
      expect(messages()).toHaveLength(expected);
      expect(new Set(seen.map(({ id }) => id)).size).toBe(seen.length);
      // All at once, so that a failure shows whose messages are where.
      const shown: Record<string, unknown> = {};
      for (const buyer of buyers) {
        const { id } = await conversationWith(listening.agent, shop.id, buyer);
        shown[`${buyer} ${id}`] = messages()
          .filter(({ conversation }) => conversation.id === id)
          .map(({ message }) => message?.externalId)
          .slice(buyer === 'ana' ? 1 : 0);
      }
      expect(Object.keys(shown)).toHaveLength(buyers.length);
      expect(Object.values(shown)).toEqual(buyers.map((buyer) => externalIds[buyer]));
      expect(JSON.stringify(seen)).not.toContain('foreign');
      process.stdout.write(
        `subscriptions: ${said} messages said, ${seen.length} events seen over ${rounds + 1} sockets and a restart\n`,
      );
    }, 240_000);

    test('a cursor of another workspace is refused, and with its own a workspace sees only its own events', async () => {
      const { id } = await conversationWith(listening.agent, shop.id, 'ana');
      const foreign = await beginningOf(here.graphqlUrl, listening.agent.token);
      await expect(follow(stranger, foreign, 'foreign 0 0')).rejects.toMatchObject([
        { extensions: { code: 'CURSOR_INVALID' } },
      ]);
      const [own] = await follow(stranger, await beginningOf(here.graphqlUrl, stranger.agent.token), 'foreign 0 0');
      const seen = await follow(stranger, own?.cursor ?? null, `foreign ${rounds - 1} 9`);
      expect(seen.every(({ message }) => message?.text?.startsWith('foreign') === true)).toBe(true);
      const client = liveClient(here.graphqlUrl, stranger.agent.token);
      const narrowed = `subscription($after: String, $id: ID) { inboxEvents(after: $after, conversationId: $id) { id } }`;
      const stream = client.iterate({ query: narrowed, variables: { after: own?.cursor, id } });
      const silent = stream.next();
      say(shop, 'ana', 'does the spy hear this');
      await eventually(async () =>
        expect(messagesOf(await conversationWith(listening.agent, shop.id, 'ana')).length).toBeGreaterThan(0),
      );
      const ended = Promise.withResolvers<string>();
      void silent.then(
        ({ done }) => ended.resolve(done === true ? 'closed' : 'spoke'),
        () => ended.resolve('closed'),
      );
      await follow(stranger, own?.cursor ?? null, `foreign ${rounds - 1} 9`);
      await client.dispose();
      expect(await ended.promise).toBe('closed');
    }, 60_000);
  });
}
