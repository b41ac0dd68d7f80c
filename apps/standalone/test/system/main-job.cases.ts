import { beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '@crossdesk/testkit';
import type { Content } from '@crossdesk/twin';
import { deliver, signGeneric } from '../support/generic-delivery.ts';
import { conversationWith, keptCounters, messagesOf, recount, type ShownConversation } from '../support/inbox.ts';
import type { System } from '../support/system.ts';
import { readWholeLog } from '../support/log-text.ts';
import { type ConnectedAccount, connectShop, type Workspace } from '../support/workspace.ts';

/** The platforms of the twin that these tests use. */
const platforms = ['shopee', 'tiktok-shop', 'whatsapp', 'generic'] as const;
type Platform = (typeof platforms)[number];

let here: System;
let lumina: Workspace;
let accounts: Record<Platform, ConnectedAccount>;

/** What an agent sees of messages, and does with them, all day. */
export function describeMainJob(open: () => { readonly here: System; readonly lumina: Workspace }): void {
  describe('the main job', () => {
    beforeAll(async () => {
      ({ here, lumina } = open());
      const connect = (platform: Platform, id: string) => connectShop(lumina.admin, here.twin, platform, id);
      accounts = {
        shopee: await connect('shopee', '700000001'),
        'tiktok-shop': await connect('tiktok-shop', '7490000000000000777'),
        whatsapp: await connect('whatsapp', '106500000000001'),
        generic: await connect('generic', 'lumina-web'),
      };
    }, 60_000);

    function says(platform: Platform, buyer: string, text: string, at?: Date) {
      const { shop } = accounts[platform];
      return here.twin.buyerSays({ shop, buyer, content: { kind: 'text', text }, ...(at === undefined ? {} : { at }) });
    }

    const find = (platform: Platform, buyer: string, api = lumina.agent) =>
      conversationWith(api, accounts[platform].id, buyer);

    /** Returns the conversation as soon as it is as expected. */
    function once(
      platform: Platform,
      buyer: string,
      check: (conversation: ShownConversation) => void,
    ): Promise<ShownConversation> {
      return eventually(async () => {
        const conversation = await find(platform, buyer);
        check(conversation);
        return conversation;
      });
    }

    describe('a message of a buyer', () => {
      const kinds: Readonly<Record<Platform, readonly string[]>> = {
        shopee: ['TEXT', 'IMAGE', 'STICKER', 'ORDER', 'PRODUCT', 'UNSUPPORTED'],
        'tiktok-shop': ['TEXT', 'IMAGE', 'STICKER', 'ORDER', 'PRODUCT', 'UNSUPPORTED'],
        whatsapp: ['TEXT', 'IMAGE', 'STICKER', 'TEXT', 'CART', 'UNSUPPORTED'],
        generic: ['TEXT', 'IMAGE', 'UNSUPPORTED', 'TEXT', 'UNSUPPORTED', 'UNSUPPORTED'],
      };

      test.each(platforms)(
        'on %s is one inbox row with its side panel, from five services in one query',
        async (platform) => {
          const { shop, id } = accounts[platform];
          const { twin } = here;
          const order = platform === 'whatsapp' ? null : twin.buyerOrders({ shop, buyer: 'ana' });
          const contents: readonly Content[] = [
            { kind: 'text', text: 'Hello, where is my parcel? I have been waiting for a week.' },
            { kind: 'image', url: new URL('/_twin/images/photo-1.png', shop.baseUrls.api).href, caption: null },
            { kind: 'sticker', stickerId: 'twin-1' },
            { kind: 'order', externalOrderId: order?.id ?? '26-0001' },
            { kind: 'product', externalProductId: '920100001' },
            { kind: 'native', type: 'hologram', value: { size: 3 } },
          ];
          const said = contents.map((content) => twin.buyerSays({ shop, buyer: 'ana', content }));
          // Five services answer, each at its own pace: one check waits for all parts together.
          await once(platform, 'ana', (row) => {
            expect(row).toMatchObject({
              state: 'UNREAD',
              unreadCount: said.length,
              channel: platform.toUpperCase().replaceAll('-', '_'),
              notes: { edges: [] },
            });
            expect(row.account).toEqual({ id, displayName: shop.name, status: 'CONNECTED' });
            const shown = messagesOf(row);
            expect(shown.map((message) => message.externalId)).toEqual(said.map(({ messageId }) => messageId));
            expect(shown.map((message) => message.kind)).toEqual(kinds[platform]);
            expect(row.waitingSince).toBe(shown[0]?.occurredAt);
            for (const message of shown) {
              const times = [message.occurredAt, message.receivedAt, message.recordedAt];
              expect(times.toSorted()).toEqual(times);
              expect(message).toMatchObject({ author: 'BUYER', direction: 'INBOUND', delivery: null });
            }
            expect(shown[0]).toMatchObject({
              text: 'Hello, where is my parcel? I have been waiting for a week.',
              language: { locale: 'en' },
            });
            const photo = shown.find(({ kind }) => kind === 'IMAGE')?.media;
            expect(photo?.state).toBe(platform === 'generic' ? 'PENDING' : 'READY');
            expect(row.customer).toMatchObject({
              displayName: 'ana',
              conversations: { edges: [{ node: { id: row.id } }] },
            });
            expect(row.customer?.orders.edges).toHaveLength(order === null ? 0 : 1);
            const identity = { kind: 'PLATFORM', value: expect.any(String), account: { id } };
            expect(row.customer?.identities).toContainEqual(identity);
            if (order === null) return expect(row.orderLink).toBeNull();
            const [item] = order.items;
            expect(row.orderLink).toMatchObject({
              confidence: 1,
              reason: 'PLATFORM_REFERENCE',
              order: {
                externalId: order.id,
                state: 'TO_SHIP',
                items: [
                  {
                    sku: item?.product.sku,
                    title: item?.product.title,
                    quantity: item?.quantity,
                    unitPrice: { amountMinor: String(item?.product.priceMinor), currency: 'SGD' },
                  },
                ],
                recipient: { fullAddress: expect.any(String), isMasked: expect.any(Boolean) },
                shipments: [{ carrier: order.carrier, trackingNumber: null }],
              },
            });
          });
        },
      );

      test.each(['shopee', 'tiktok-shop', 'whatsapp'] as const)(
        'on %s has a picture that opens, once it is fetched',
        async (platform) => {
          const { shop } = accounts[platform];
          const url = new URL('/_twin/images/photo-9.png', shop.baseUrls.api).href;
          here.twin.buyerSays({ shop, buyer: 'pia', content: { kind: 'image', url, caption: null } });
          const row = await once(platform, 'pia', (shown) => {
            const expected = { state: 'READY', mimeType: 'image/png', width: 640, height: 640 };
            expect(messagesOf(shown)[0]?.media).toMatchObject(expected);
          });
          const media = messagesOf(row)[0]?.media;
          const original = await (await fetch(new URL('/_twin/images/photo-9.png', shop.baseUrls.api))).bytes();
          const [file, thumbnail] = await Promise.all([fetch(media?.url ?? ''), fetch(media?.thumbnailUrl ?? '')]);
          expect(file.headers.get('content-type')).toBe('image/png');
          expect(await file.bytes()).toEqual(original);
          expect(media?.bytes).toBe(original.byteLength);
          expect(thumbnail.headers.get('content-type')).toBe('image/webp');
          expect((await thumbnail.bytes()).byteLength).toBeGreaterThan(100);
        },
      );

      test.each(['shopee', 'tiktok-shop', 'generic'] as const)(
        'on %s is linked with an order that arrives later',
        async (platform) => {
          const { shop, webhookUrl } = accounts[platform];
          const { twin } = here;
          twin.setWebhookUrl(shop, null);
          const order = twin.buyerOrders({ shop, buyer: 'bo' });
          twin.setWebhookUrl(shop, webhookUrl);
          says(platform, 'bo', `When will order ${order.id} leave your house?`);
          const before = await once(platform, 'bo', (conversation) => expect(conversation.customer).not.toBeNull());
          expect(before.orderLink).toBeNull();
          twin.shipOrder({ shop, orderId: order.id });
          await once(platform, 'bo', ({ orderLink }) => {
            expect(orderLink).toMatchObject({ reason: 'ORDER_NUMBER_IN_TEXT', confidence: 0.95 });
            expect(orderLink?.order).toMatchObject({
              externalId: order.id,
              state: 'SHIPPED',
              shipments: [{ trackingNumber: order.trackingNumber }],
            });
          });
        },
      );

      test('is stored once, even if it is delivered repeatedly and concurrently', async () => {
        const body = JSON.stringify({
          type: 'message.created',
          timestamp: new Date().toISOString(),
          data: {
            conversationKey: 'twice',
            externalId: 'twice-1',
            author: { id: 'buyer-twice', name: 'cleo' },
            text: 'only once please',
          },
        });
        const delivery = signGeneric(accounts.generic, body);
        const retries = Array.from({ length: 4 }, () => signGeneric(accounts.generic, body));
        const { webhookUrl } = accounts.generic;
        const statuses = await Promise.all(
          [delivery, delivery, delivery, ...retries].map((one) => deliver(webhookUrl, one)),
        );
        expect(statuses).toEqual(statuses.map(() => 200));
        for (const platform of platforms) {
          for (let n = 0; n < 5; n += 1) {
            here.twin.faults.next(platform, 'duplicate-push');
            says(platform, 'dora', `number ${n}`);
          }
        }
        await here.twin.settled();
        for (const platform of platforms) {
          // The row and its messages are two reads, and a message may arrive in between: one check waits for both together.
          await once(platform, 'dora', (conversation) => {
            const texts = messagesOf(conversation).map(({ text }) => text);
            expect(texts).toEqual([0, 1, 2, 3, 4].map((n) => `number ${n}`));
            expect(conversation.unreadCount).toBe(5);
          });
        }
        await once('generic', 'cleo', (conversation) => expect(messagesOf(conversation)).toHaveLength(1));
      });
    });

    describe('a webhook', () => {
      test('that cannot be parsed is acknowledged, parked, listed, and can be replayed', async () => {
        const { webhookUrl } = accounts.generic;
        const broken = '{"type":"message.created","data":';
        expect(await deliver(webhookUrl, signGeneric(accounts.generic, broken))).toBe(200);
        const list = `{ parkedWebhooks(first: 10) { edges { node { id reason body account { id } } } } }`;
        const { parkedWebhooks } = await lumina.supervisor.ask<{
          parkedWebhooks: { edges: { node: { id: string; body: string } }[] };
        }>(list);
        expect(parkedWebhooks.edges.map(({ node }) => node)).toEqual([
          {
            id: expect.any(String),
            reason: expect.stringMatching(/./),
            body: broken,
            account: { id: accounts.generic.id },
          },
        ]);
        expect((await lumina.agent.answer(list)).errors[0]?.extensions?.code).toBe('FORBIDDEN');
        const replay = `mutation($id: ID!) { replayParkedWebhook(input: { parkedWebhookId: $id }) { parkedWebhook { id } errors { code } } }`;
        const answer = await lumina.supervisor.ask(replay, { id: parkedWebhooks.edges[0]?.node.id });
        expect(answer).toEqual({
          replayParkedWebhook: { parkedWebhook: null, errors: [{ code: 'STILL_UNPARSABLE' }] },
        });
      });

      test('that is forged or has an unknown address stores nothing', async () => {
        const { webhookUrl } = accounts.generic;
        const { headers } = signGeneric(accounts.generic, '{"type":"message.created"}');
        expect(await deliver(webhookUrl, { headers, body: '{"type":"message.Created"}' })).toBe(401);
        expect(await deliver(`${here.webhookBaseUrl}/generic/nobody`, { headers, body: '{}' })).toBe(404);
      });
    });

    describe('a conversation', () => {
      const change = (field: string, type: string) => `mutation($input: ${type}!) { ${field}(input: $input) {
    conversation { version state unreadCount assignee { id } } errors { code path } } }`;

      test('is changed only by a request with its latest version', async () => {
        says('shopee', 'eva', 'Can you help me?');
        const { id, version } = await once('shopee', 'eva', () => undefined);
        const assign = change('assignConversation', 'AssignConversationInput');
        const toAgent = { conversationId: id, agentId: lumina.agentIds.agent, expectedVersion: version };
        const first = await lumina.supervisor.ask<{ assignConversation: { conversation: { version: number } } }>(
          assign,
          {
            input: toAgent,
          },
        );
        expect(await lumina.supervisor.ask(assign, { input: toAgent })).toEqual(first);
        expect(first).toMatchObject({
          assignConversation: { conversation: { assignee: { id: lumina.agentIds.agent } }, errors: [] },
        });
        const conflict = {
          conversation: first.assignConversation.conversation,
          errors: [{ code: 'VERSION_CONFLICT', path: ['input', 'expectedVersion'] }],
        };
        const toNobody = { ...toAgent, agentId: null };
        expect(await lumina.supervisor.ask(assign, { input: toNobody })).toEqual({ assignConversation: conflict });

        const stale = { conversationId: id, expectedVersion: version };
        const markRead = change('markConversationRead', 'MarkConversationReadInput');
        const setState = change('setConversationState', 'SetConversationStateInput');
        expect(await lumina.agent.ask(markRead, { input: stale })).toEqual({ markConversationRead: conflict });
        expect(await lumina.agent.ask(setState, { input: { ...stale, state: 'HANDLED' } })).toEqual({
          setConversationState: conflict,
        });
        const known = { conversationId: id, expectedVersion: first.assignConversation.conversation.version };
        const read = await lumina.agent.ask<{ markConversationRead: { conversation: { version: number } } }>(markRead, {
          input: known,
        });
        expect(read).toMatchObject({
          markConversationRead: { conversation: { state: 'PENDING', unreadCount: 0 }, errors: [] },
        });
        const handled = {
          conversationId: id,
          expectedVersion: read.markConversationRead.conversation.version,
          state: 'HANDLED',
        };
        expect(await lumina.agent.ask(setState, { input: handled })).toMatchObject({
          setConversationState: { conversation: { state: 'HANDLED' } },
        });
      });

      test('S2-5.2: keeps notes for colleagues, away from platforms and from the log', async () => {
        const [secret, spoken] = ['canary-note-7f3a', 'canary-buyer-7f3a'];
        says('shopee', 'fay', `Hello ${spoken}`);
        const { id } = await once('shopee', 'fay', () => undefined);
        const input = { clientMutationId: 'note-1', conversationId: id, text: `Be careful: ${secret}` };
        const addNote = `mutation($input: AddNoteInput!) { addNote(input: $input) { note { id } errors { code } } }`;
        const notes = [await lumina.agent.ask(addNote, { input }), await lumina.agent.ask(addNote, { input })];
        expect(notes[0]).toEqual(notes[1]);
        const seen = await find('shopee', 'fay', lumina.supervisor);
        expect(seen.notes.edges).toEqual([
          { node: { text: `Be careful: ${secret}`, author: { displayName: 'agent' } } },
        ]);
        const log = await eventually(async () => {
          const texts = await readWholeLog(here.openLog());
          expect(texts.some((text) => text.includes('conversation.note-added') && text.includes(id))).toBe(true);
          return texts;
        });
        expect(log.filter((text) => text.includes(spoken))).not.toHaveLength(0);
        expect(log.filter((text) => text.includes(secret))).toHaveLength(0);
        expect(JSON.stringify(here.twin.journal())).not.toContain(secret);
        expect(messagesOf(seen).map(({ text }) => text)).toEqual([`Hello ${spoken}`]);
      });
    });

    test('the webhook address passes the challenge of WhatsApp', async () => {
      const { shop, webhookUrl } = accounts.whatsapp;
      await here.twin.settled();
      const before = here.twin.pushes();
      here.twin.setWebhookUrl(shop, webhookUrl);
      await here.twin.settled();
      expect(here.twin.pushes()).toEqual({ ...before, acknowledged: before.acknowledged + 1 });
    });

    test('S1-1.2: the counters equal a recount of every conversation', async () => {
      await here.twin.settled();
      const counters = await eventually(async () => {
        const [kept, counted] = [await keptCounters(lumina.agent), await recount(lumina.agent)];
        expect(kept).toEqual(counted);
        return kept;
      });
      expect(Object.keys(counters).length).toBeGreaterThanOrEqual(5);
    });

    describe('signing in', () => {
      const signIn = `mutation($input: SignInInput!) { signIn(input: $input) { accessToken errors { code } } }`;

      test('locks out a person who fails too often, and nobody else', async () => {
        const api = here.api();
        const enter = (email: string, password: string) =>
          api.ask<{ signIn: { accessToken: string | null; errors: { code: string }[] } }>(signIn, {
            input: { workspace: 'lumina', email, password },
          });
        const codes: (string | undefined)[] = [];
        for (let n = 0; n < 11; n += 1)
          codes.push((await enter('agent@lumina.example', `wrong password ${n}`)).signIn.errors[0]?.code);
        expect(codes).toEqual([...Array<string>(10).fill('WRONG_CREDENTIALS'), 'LOCKED_OUT']);
        const right = 'a long enough password';
        expect(await enter('agent@lumina.example', right)).toEqual({
          signIn: { accessToken: null, errors: [{ code: 'LOCKED_OUT' }] },
        });
        expect((await enter('supervisor@lumina.example', right)).signIn.accessToken).toEqual(expect.any(String));
      });

      test('a request without a token is refused', async () => {
        expect((await here.api().answer('{ me { id } }')).errors[0]?.extensions?.code).toBe('UNAUTHENTICATED');
        expect((await here.api('cd_made_up').answer('{ me { id } }')).errors[0]?.extensions?.code).toBe(
          'UNAUTHENTICATED',
        );
      });
    });
  });
}
