import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { aPng, eventually, type EventLog, watchEvents } from '@crossdesk/testkit';
import type { Broker } from '@crossdesk/service-kit';
import type { CallFault } from '@crossdesk/twin';
import { conversationWith, messagesOf, type ShownConversation, type ShownMessage } from '../support/inbox.ts';
import type { System } from '../support/system.ts';
import { uploadFile } from '../support/uploads.ts';
import { type ConnectedAccount, connectShop, type Workspace } from '../support/workspace.ts';

/** The platforms of the twin that these tests use. */
const platforms = ['shopee', 'tiktok-shop', 'whatsapp', 'generic'] as const;
type Platform = (typeof platforms)[number];
/** The last status that the channel reports for a reply. */
const lastStatus: Readonly<Record<Platform, string>> = {
  shopee: 'SENT',
  'tiktok-shop': 'SENT',
  whatsapp: 'READ',
  generic: 'READ',
};

let here: System;
let replying: Workspace;
let accounts: Record<Platform, ConnectedAccount>;
let broker: Broker;
let events: EventLog;

const sendMessage = `mutation($input: SendMessageInput!) { sendMessage(input: $input) {
  message { id delivery { status } } errors { code path } } }`;

interface Sent {
  readonly sendMessage: {
    readonly message: { readonly id: string } | null;
    readonly errors: readonly { readonly code: string }[];
  };
}

const send = (input: { clientMutationId: string; conversationId: string; text: string; expectedVersion?: number }) =>
  replying.agent.ask<Sent>(sendMessage, { input });

const find = (platform: Platform, buyer: string) => conversationWith(replying.agent, accounts[platform].id, buyer);

/** A conversation with one message of the buyer. */
function conversationOf(platform: Platform, buyer: string, at?: Date): Promise<ShownConversation> {
  const content = { kind: 'text', text: `Hello from ${buyer}` } as const;
  here.twin.buyerSays({ shop: accounts[platform].shop, buyer, content, ...(at === undefined ? {} : { at }) });
  return eventually(() => find(platform, buyer));
}

async function reply(platform: Platform, buyer: string, text: string): Promise<string> {
  const { id } = await conversationOf(platform, buyer);
  const { sendMessage: sent } = await send({ clientMutationId: `to ${platform} ${buyer}`, conversationId: id, text });
  if (sent.message === null) throw new Error(`refused: ${JSON.stringify(sent.errors)}`);
  return sent.message.id;
}

/**
 * The first statuses of a message in the log, in order: a reader of the log may be behind the API. A receipt of the
 * buyer may overtake the answer to the call: the receipt implies `sent`.
 */
async function told(messageId: string, statuses: readonly string[]): Promise<void> {
  await eventually(async () => {
    const all = events.of('ingest.delivery-updated').filter(({ data }) => data.messageId === messageId);
    const seen = all.map(({ data: { status } }) => (status === 'delivered' || status === 'read' ? 'sent' : status));
    expect(seen.slice(0, statuses.length)).toEqual(statuses);
  });
}

const executed = (text: string) => here.twin.journal().filter((one) => one.text === text);

/** The whole thread, as soon as the reply has that status. */
async function onceStatus(
  platform: Platform,
  buyer: string,
  messageId: string,
  status: string,
): Promise<readonly ShownMessage[]> {
  const query = `query($id: ID!) { message(id: $id) { delivery { status } } }`;
  await eventually(async () => {
    expect(await replying.agent.ask(query, { id: messageId })).toEqual({ message: { delivery: { status } } });
  });
  return messagesOf(await find(platform, buyer));
}

interface TemplateSent {
  readonly sendTemplate: {
    readonly decision: { readonly id: string; readonly messageId: string } | null;
    readonly errors: readonly { readonly code: string }[];
  };
}

/** What becomes of replies on each platform, whatever its answers are. */
export function describeReplies(open: () => { readonly here: System; readonly replying: Workspace }): void {
  describe('a reply', () => {
    beforeAll(async () => {
      ({ here, replying } = open());
      const connect = (platform: Platform, id: string) => connectShop(replying.admin, here.twin, platform, id);
      accounts = {
        shopee: await connect('shopee', '700000002'),
        'tiktok-shop': await connect('tiktok-shop', '7490000000000000778'),
        whatsapp: await connect('whatsapp', '106500000000002'),
        generic: await connect('generic', 'replying-web'),
      };
      broker = here.openLog();
      events = await watchEvents(broker);
    }, 60_000);

    afterAll(async () => {
      await events.stop();
      await broker.close();
    });

    test('S2-4.1: a template sent twice with one id reaches the buyer once, as the message of the agent', async () => {
      const variants = [{ locale: 'en', text: 'Hello, your order {orderNumber} was shipped.' }];
      const variables = [{ name: 'orderNumber', type: 'TEXT' }];
      const template = { key: 'shipped', name: 'Shipped', situation: 'SHIPPED', variables, variants };
      type Made = { upsertTemplate: { template: { id: string } } };
      const upsert = `mutation($input: UpsertTemplateInput!) { upsertTemplate(input: $input) { template { id } } }`;
      const { upsertTemplate } = await replying.supervisor.ask<Made>(upsert, { input: template });
      const { id } = await conversationOf('shopee', 'templa');
      const input = {
        ...{ clientMutationId: 'shipped', conversationId: id, templateId: upsertTemplate.template.id, locale: 'en' },
        values: [{ name: 'orderNumber', value: '2603021KQ8MX7N' }],
      };
      const query = `mutation($input: SendTemplateInput!) { sendTemplate(input: $input) { decision { id messageId } errors { code } } }`;
      const sendOnce = () =>
        eventually(async () => {
          const answer = await replying.agent.ask<TemplateSent>(query, { input });
          expect(answer.sendTemplate.errors).toEqual([]);
          return answer.sendTemplate.decision;
        });
      const [one, other] = await Promise.all([sendOnce(), sendOnce()]);
      expect(other).toEqual(one);
      const messages = await onceStatus('shopee', 'templa', one?.messageId ?? '', 'SENT');
      const text = 'Hello, your order 2603021KQ8MX7N was shipped.';
      expect(messages.map(({ author, text: words }) => `${author}: ${words}`)).toEqual([
        'BUYER: Hello from templa',
        `AGENT: ${text}`,
      ]);
      expect(executed(text)).toHaveLength(1);
      const decided = `query($id: ID!) { conversation(id: $id) { automationDecisions { edges { node { id outcome } } } } }`;
      await eventually(async () => {
        expect(await replying.agent.ask(decided, { id })).toEqual({
          conversation: { automationDecisions: { edges: [{ node: { id: one?.id, outcome: 'CARRIED_OUT' } }] } },
        });
      });
    });

    test.each(platforms)(
      'on %s with a picture and words reaches the buyer once, and is shown with its file',
      async (platform) => {
        const { id } = await conversationOf(platform, 'picta');
        const picture = aPng(640, 480);
        const { attachmentId } = await uploadFile(replying.agent, 'lamp.jpg', picture);
        const mutation = `mutation($input: SendMessageInput!) { sendMessage(input: $input) { messages { id kind text } errors { code } } }`;
        const text = `This one, on ${platform}?`;
        const input = {
          clientMutationId: `picture ${platform}`,
          conversationId: id,
          text,
          attachments: [attachmentId],
        };
        type Answer = { sendMessage: { messages: { id: string; kind: string; text: string | null }[] } };
        const { sendMessage: sent } = await replying.agent.ask<Answer>(mutation, { input });
        // Without captions, the words are a message of their own.
        const isCaption = platform === 'whatsapp' || platform === 'generic';
        const shown = sent.messages.map((message) => [message.kind, message.text]);
        expect(shown).toEqual(
          isCaption
            ? [['IMAGE', text]]
            : [
                ['TEXT', text],
                ['IMAGE', null],
              ],
        );
        expect((await replying.agent.ask<Answer>(mutation, { input })).sendMessage.messages).toEqual(sent.messages);
        const messages = await onceStatus(platform, 'picta', sent.messages.at(-1)?.id ?? '', lastStatus[platform]);
        expect(messages.map(({ author, kind }) => [author, kind])).toEqual([
          ['BUYER', 'TEXT'],
          ...(isCaption ? [] : [['AGENT', 'TEXT']]),
          ['AGENT', 'IMAGE'],
        ]);
        const media = messages.at(-1)?.media;
        expect(media).toMatchObject({ state: 'READY', mimeType: 'image/png', bytes: picture.length });
        expect(await (await fetch(media?.url ?? '')).bytes()).toEqual(picture);
        const executedHere = here.twin
          .journal()
          .filter(({ externalAccountId }) => externalAccountId === accounts[platform].shop.externalAccountId);
        expect(executedHere.filter(({ content: { kind } }) => kind === 'image' || kind === 'native')).toHaveLength(1);
      },
    );

    test('with a file that the channel cannot take is refused before anything is queued', async () => {
      const { id } = await conversationOf('shopee', 'docta');
      const pdf = Uint8Array.from(Buffer.from('%PDF-1.7\n1 0 obj<<>>endobj\n%%EOF\n'));
      const { attachmentId } = await uploadFile(replying.agent, 'guide.pdf', pdf);
      const refusedWith = async (attachments: readonly string[]) => {
        const input = { clientMutationId: 'pdf', conversationId: id, attachments };
        const { sendMessage: sent } = await replying.agent.ask<Sent>(sendMessage, { input });
        return sent.errors;
      };
      const path = ['input', 'attachments'];
      expect(await refusedWith([attachmentId])).toEqual([{ code: 'KIND_NOT_SUPPORTED', path }]);
      expect(await refusedWith([`${attachmentId}x`])).toEqual([{ code: 'NOT_FOUND', path }]);
      expect(messagesOf(await find('shopee', 'docta'))).toHaveLength(1);
    });

    test('is told apart from a note, whose files buyers never get', async () => {
      const { id } = await conversationOf('generic', 'nota');
      const { attachmentId } = await uploadFile(replying.agent, 'invoice.png', aPng(400, 300), 'NOTE');
      const add = `mutation($input: AddNoteInput!) { addNote(input: $input) { note { id } errors { code } } }`;
      const note = {
        clientMutationId: 'nota',
        conversationId: id,
        text: 'See the invoice',
        attachments: [attachmentId],
      };
      await replying.agent.ask(add, { input: note });
      const query = `query($id: ID!) { conversation(id: $id) { notes { edges { node { text attachments { state fileName url thumbnailUrl } } } } } }`;
      type Notes = { conversation: { notes: { edges: { node: { attachments: { url: string }[] } }[] } } };
      const attachment = {
        state: 'READY',
        fileName: 'invoice.png',
        url: expect.any(String),
        thumbnailUrl: expect.any(String),
      };
      const notes = await eventually(async () => {
        const found = await replying.agent.ask<Notes>(query, { id });
        expect(found.conversation.notes.edges).toEqual([
          { node: { text: 'See the invoice', attachments: [attachment] } },
        ]);
        return found.conversation.notes.edges;
      });
      expect((await fetch(notes[0]?.node.attachments[0]?.url ?? '')).headers.get('content-type')).toBe('image/png');
      const input = { clientMutationId: 'nota reply', conversationId: id, attachments: [attachmentId] };
      const { sendMessage: sent } = await replying.agent.ask<Sent>(sendMessage, { input });
      expect(sent.errors).toEqual([{ code: 'INVALID_INPUT', path: ['input', 'attachments'] }]);
    });

    test.each(platforms)(
      'on %s reaches the buyer once, although it is requested twice and echoed',
      async (platform) => {
        const text = `Two at once on ${platform}`;
        const { id } = await conversationOf(platform, 'ana');
        const input = { clientMutationId: `both ${platform}`, conversationId: id, text };
        const [one, other] = await Promise.all([send(input), send(input)]);
        const later = await send(input);
        const messageId = one.sendMessage.message?.id ?? '';
        expect([other, later].map(({ sendMessage: { message } }) => message?.id)).toEqual([messageId, messageId]);
        await onceStatus(platform, 'ana', messageId, lastStatus[platform]);
        await here.twin.settled();
        // A message after the echo shows that the echo was processed.
        here.twin.buyerSays({ shop: accounts[platform].shop, buyer: 'ana', content: { kind: 'text', text: 'Thanks' } });
        // All three may be in one second: the platform, or the order of recording, decides which came first.
        const messages = await eventually(async () => {
          const thread = messagesOf(await find(platform, 'ana'));
          expect(thread.map(({ author, text: words }) => `${author}: ${words}`)).toEqual([
            'BUYER: Hello from ana',
            `AGENT: ${text}`,
            'BUYER: Thanks',
          ]);
          return thread;
        });
        const sends = executed(text);
        expect(sends).toHaveLength(1);
        expect(messages.find(({ id: shownId }) => shownId === messageId)?.externalId).toBe(sends[0]?.messageId);
        await told(messageId, ['sent']);
      },
    );

    test.each(platforms)('written in the console of %s appears once, as written by the seller', async (platform) => {
      const { shop } = accounts[platform];
      await conversationOf(platform, 'ben');
      const said = here.twin.sellerSaysInConsole({
        shop,
        buyer: 'ben',
        content: { kind: 'text', text: 'From the console' },
      });
      await here.twin.settled();
      const messages = await eventually(async () => {
        const thread = messagesOf(await find(platform, 'ben'));
        expect(thread).toHaveLength(2);
        return thread;
      });
      expect(messages[1]).toMatchObject({
        author: 'SELLER',
        direction: 'OUTBOUND',
        text: 'From the console',
        externalId: said.messageId,
        delivery: null,
      });
      expect((await find(platform, 'ben')).state).toBe('HANDLED');
    });

    test.each([
      ['shopee', 'execute-then-hang'],
      ['shopee', 'execute-then-reset'],
      ['tiktok-shop', 'execute-then-hang'],
      ['tiktok-shop', 'execute-then-reset'],
    ] as const)(
      'that %s executes without an answer (%s) is unknown, then found by reading back',
      async (platform, fault) => {
        const [buyer, text] = [fault === 'execute-then-hang' ? 'cleo' : 'dora', `No answer: ${platform} ${fault}`];
        here.twin.setEchoes(platform, 'off');
        here.twin.setReceipts(platform, false);
        here.twin.faults.next(platform, fault);
        const messageId = await reply(platform, buyer, text);
        const messages = await onceStatus(platform, buyer, messageId, 'SENT');
        here.twin.setEchoes(platform, 'after-answer');
        here.twin.setReceipts(platform, platform === 'shopee');
        await told(messageId, ['unknown', 'sent']);
        expect(executed(text)).toHaveLength(1);
        expect(messages.map(({ author }) => author)).toEqual(['BUYER', 'AGENT']);
        expect(messages[1]?.externalId).toBe(executed(text)[0]?.messageId);
      },
    );

    test.each(['shopee', 'tiktok-shop'] as const)(
      'whose echo from %s comes before the answer is lost stays one message',
      async (platform) => {
        here.twin.setEchoes(platform, 'before-answer');
        here.twin.faults.next(platform, 'execute-then-reset');
        const text = `Echo first on ${platform}`;
        const messageId = await reply(platform, 'echo', text);
        const messages = await eventually(async () => {
          const thread = messagesOf(await find(platform, 'echo'));
          expect(['SENT', 'READ']).toContain(thread.find(({ id }) => id === messageId)?.delivery?.status);
          return thread;
        });
        here.twin.setEchoes(platform, 'after-answer');
        expect(messages).toHaveLength(2);
        expect(executed(text)).toHaveLength(1);
      },
    );

    test('that generic executes without an answer is repeated with its key and executed once', async () => {
      here.twin.faults.next('generic', 'execute-then-reset');
      const text = 'Once more under the same key';
      const messageId = await reply('generic', 'dora', text);
      await onceStatus('generic', 'dora', messageId, 'READ');
      expect(executed(text)).toHaveLength(1);
      expect(executed(text)[0]?.key).toBe(messageId);
    });

    test('with an unknown outcome on WhatsApp is settled by a late report with its key', async () => {
      const { faults } = here.twin;
      const text = 'Late report';
      faults.rate('whatsapp', { fault: 'delayed-push', percent: 100 });
      faults.next('whatsapp', 'execute-then-hang');
      await conversationOf('whatsapp', 'hana');
      const messageId = await reply('whatsapp', 'hana', text);
      await eventually(async () => expect(executed(text)).toHaveLength(1));
      // The outage holds back the reports of the platform.
      faults.outage('whatsapp', true);
      await onceStatus('whatsapp', 'hana', messageId, 'UNKNOWN');
      expect(executed(text)[0]?.key).toBe(messageId);
      faults.clear();
      const messages = await onceStatus('whatsapp', 'hana', messageId, 'READ');
      expect(messages.find(({ id }) => id === messageId)?.externalId).toBe(executed(text)[0]?.messageId);
      await told(messageId, ['unknown']);
      expect(executed(text)).toHaveLength(1);
    });

    test.each([
      ...platforms.map((platform) => [platform, 'rate-limit'] as const),
      ['shopee', 'token-expired'],
      ['tiktok-shop', 'token-expired'],
    ] as const)('that %s first refuses (%s) is sent later, once', async (platform, fault: CallFault) => {
      here.twin.faults.next(platform, fault);
      const [buyer, text] = [`busy ${fault}`, `After ${fault} on ${platform}`];
      const messageId = await reply(platform, buyer, text);
      await onceStatus(platform, buyer, messageId, lastStatus[platform]);
      expect(executed(text)).toHaveLength(1);
      await told(messageId, ['sent']);
    });

    test('outside the reply window of WhatsApp is refused with WINDOW_CLOSED and sent nowhere', async () => {
      const yesterday = new Date(Date.now() - 25 * 3_600_000);
      const { id } = await conversationOf('whatsapp', 'ines', yesterday);
      const answer = await send({ clientMutationId: 'too late', conversationId: id, text: 'Too late' });
      expect(answer).toEqual({
        sendMessage: { message: null, errors: [{ code: 'WINDOW_CLOSED', path: expect.anything() }] },
      });
      expect(messagesOf(await find('whatsapp', 'ines'))).toHaveLength(1);
      expect(executed('Too late')).toEqual([]);
    });

    test('that expects another version of the conversation is refused', async () => {
      const { id, version } = await conversationOf('generic', 'jo');
      const stale = { clientMutationId: 'stale', conversationId: id, text: 'stale', expectedVersion: version + 7 };
      expect((await send(stale)).sendMessage.errors).toMatchObject([{ code: 'VERSION_CONFLICT' }]);
      expect((await send({ ...stale, expectedVersion: version })).sendMessage.message?.id).toEqual(expect.any(String));
    });

    test('arrives before the next reply of the same conversation', async () => {
      const { id } = await conversationOf('shopee', 'kim');
      here.twin.faults.next('shopee', 'rate-limit');
      const texts = Array.from({ length: 5 }, (_, n) => `in order ${n}`);
      for (const text of texts) await send({ clientMutationId: text, conversationId: id, text });
      await eventually(async () =>
        expect(
          here.twin.journal().flatMap(({ text }) => (text?.startsWith('in order') === true ? [text] : [])),
        ).toEqual(texts),
      );
    });
  });
}
