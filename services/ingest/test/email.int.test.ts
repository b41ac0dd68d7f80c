import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type ConversationId, type MessageContent, type MessageId, newId, type TenantId } from '@crossdesk/contracts';
import { anAgent, anEvent, ask, eventually } from '@crossdesk/testkit';
import { sql } from 'kysely';
import { Webhook } from 'standardwebhooks';
import { type Connected, connectAs, inputOf, openPlatforms, type Platforms, replyTo, statusOf } from './platforms.ts';

let here: Platforms;
let box: Connected;
const tenantId = newId<TenantId>();
const own = 'service@shop.example';

beforeAll(async () => {
  here = await openPlatforms('email');
  box = await here.connect(tenantId, 'email', own);
});
afterAll(() => here.close());

const textOf = (text: string) => ({ kind: 'text', text }) as const;

/** The event of a mail that the twin posted. */
function received(externalMessageId: string) {
  return here.harness.events.next(
    'ingest.message-received',
    ({ data }) => data.externalMessageId === externalMessageId && data.accountId === box.accountId,
  );
}

function says(buyer: string, text: string) {
  return received(here.twin.buyerSays({ shop: box.shop, buyer, content: textOf(text) }).messageId);
}

/** Posts a mail as it is, signed like the provider of the mailbox. */
async function post(...lines: readonly string[]): Promise<number> {
  const body = lines.join('\r\n');
  const id = `msg_${createHash('sha256').update(body).digest('hex')}`;
  const at = new Date();
  const signature = new Webhook(box.shop.credentials['signing_secret'] ?? '').sign(id, at, body);
  const url = here.twin.shops().find(({ externalAccountId }) => externalAccountId === own)?.webhookUrl ?? '';
  const headers = {
    'content-type': 'message/rfc822',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': signature,
  };
  const { status } = await fetch(url, { method: 'POST', headers, body });
  return status;
}

async function sent(conversationId: ConversationId, text: string) {
  const request = replyTo(box, conversationId, text);
  await here.harness.publish(request);
  const { data } = await statusOf(here, request.data.messageId, 'sent');
  return { messageId: request.data.messageId, externalMessageId: data.externalMessageId ?? '' };
}

const executed = (text: string) => here.twin.journal().filter((one) => one.text === text);

test('S3-3.3: a mail comes in, the answer goes out by SMTP below it, and what the buyer writes back is in the same conversation', async () => {
  const { data } = await says('ana', 'Größe 40 oder 41? 谢谢');
  expect(data).toMatchObject({
    channel: 'email',
    direction: 'inbound',
    author: 'buyer',
    content: textOf('Größe 40 oder 41? 谢谢'),
    context: { mail: { subject: 'A question', quoted: null, others: [], isAutomatic: false } },
  });
  const reply = await sent(data.conversationId, 'Größe 41 ✓');
  expect(executed('Größe 41 ✓')).toMatchObject([{ platform: 'email', key: reply.externalMessageId }]);
  expect(reply.externalMessageId).toContain(reply.messageId);
  const back = await says('ana', 'Danke!');
  expect(back.data.conversationId).toBe(data.conversationId);
  expect(back.data.replyToExternalId).toBe(reply.externalMessageId);
  const { messageId } = here.twin.sellerSaysInConsole({ shop: box.shop, buyer: 'ana', content: textOf('By webmail') });
  const elsewhere = await received(messageId);
  expect(elsewhere.data).toMatchObject({ direction: 'outbound', conversationId: data.conversationId });
});

test('a picture of a mail is read from the kept mail, and a picture of an answer goes out as a part of it', async () => {
  const content = { kind: 'image', url: 'https://pictures.example/photo-1.png', caption: 'It is broken' } as const;
  const { messageId } = here.twin.buyerSays({ shop: box.shop, buyer: 'bo', content });
  const { data } = await received(messageId);
  expect(data.content).toMatchObject(textOf('It is broken'));
  const picture = await received(`${messageId}#2`);
  expect(picture.data.content).toMatchObject({ kind: 'image', fileName: 'photo.png' });
  await eventually(async () =>
    expect(await mediaOf(picture.data.messageId)).toMatchObject({ state: 'READY', width: 640, mimeType: 'image/png' }),
  );
  const url = `${here.twinUrl}/_twin/images/photo-2.png`;
  const image: MessageContent = {
    kind: 'image',
    url,
    thumbnailUrl: null,
    mediaId: null,
    mimeType: null,
    fileName: null,
    caption: 'Like this?',
  };
  const reply = { ...replyTo(box, data.conversationId, '').data, content: image };
  await here.harness.publish(
    anEvent('conversation.reply-requested', reply, { tenantId, aggregateId: data.conversationId }),
  );
  await statusOf(here, reply.messageId, 'sent');
  const [journalled] = here.twin.journal().filter((one) => one.key?.startsWith(reply.messageId));
  expect(journalled?.content).toEqual({
    kind: 'native',
    type: 'image/png',
    value: { text: 'Like this?', fileName: 'picture.png' },
  });
});

test('an answer whose acceptance is not known is sent again with the same id: the buyer sees it once', async () => {
  const { data } = await says('cy', 'When?');
  here.twin.faults.next('email', 'execute-then-reset');
  const request = replyTo(box, data.conversationId, 'Tomorrow');
  await here.harness.publish(request);
  await statusOf(here, request.data.messageId, 'unknown');
  await eventually(async () => {
    await makeDue(request.data.messageId);
    expect(
      here.harness.events.of('ingest.delivery-updated').map(({ data: told }) => [told.messageId, told.status]),
    ).toContainEqual([request.data.messageId, 'sent']);
  });
  expect(executed('Tomorrow')).toHaveLength(1);
});

test('a mail that comes back fails the answer that it names', async () => {
  const { data } = await says('di', 'Hello?');
  const { messageId, externalMessageId } = await sent(data.conversationId, 'Hello!');
  const status = await post(
    'From: Mail Delivery System <MAILER-DAEMON@mx.example>',
    `To: ${own}`,
    'Subject: Undelivered Mail Returned to Sender',
    'Message-ID: <bounce-1@mx.example>',
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=delivery-status; boundary=r',
    '',
    ...['--r', 'Content-Type: text/plain', '', 'The mail could not be delivered.'],
    ...['--r', 'Content-Type: message/delivery-status', '', 'Reporting-MTA: dns; mx.example', ''],
    ...['Final-Recipient: rfc822; di@mail.example', 'Action: failed', 'Status: 5.2.2'],
    'Diagnostic-Code: smtp; 552 5.2.2 mailbox full',
    ...['--r', 'Content-Type: text/rfc822-headers', '', `Message-ID: <${externalMessageId}>`, '--r--', ''],
  );
  expect(status).toBe(200);
  const failed = await statusOf(here, messageId, 'failed');
  expect(failed.data).toMatchObject({
    failure: 'RECIPIENT_UNREACHABLE',
    detail: expect.stringContaining('mailbox full'),
  });
});

test('mails that wait in the mailbox are fetched in order, each once, also if some were posted as well', async () => {
  const shop = here.twin.addShop({ platform: 'email', externalAccountId: 'mailbox@shop.example' });
  const say = (text: string) => here.twin.buyerSays({ shop, buyer: 'gil', content: textOf(text) }).messageId;
  const waiting = [say('First'), say('Second')];
  // Nothing is posted: the shop has no webhook address at its provider.
  const { account, webhookUrl } = await connectAs(here.ingest, tenantId, inputOf(shop));
  const idsOf = () =>
    here.harness.events
      .of('ingest.message-received')
      .flatMap(({ data }) => (data.accountId === account?.id ? [data.externalMessageId] : []));
  await eventually(async () => expect(idsOf()).toEqual(waiting));
  here.twin.setWebhookUrl(shop, webhookUrl);
  const posted = say('Third');
  await eventually(async () => expect(idsOf()).toEqual([...waiting, posted]));
  here.twin.setWebhookUrl(shop, null);
  const content = { kind: 'image', url: 'https://pictures.example/photo-5.png', caption: null } as const;
  const picture = here.twin.buyerSays({ shop, buyer: 'gil', content }).messageId;
  await syncNow(account?.id);
  await eventually(async () => expect(idsOf()).toEqual([...waiting, posted, picture]));
  const { data } = await here.harness.events.next(
    'ingest.message-received',
    (event) => event.data.externalMessageId === picture,
  );
  await eventually(async () => expect(await mediaOf(data.messageId)).toMatchObject({ state: 'READY' }));
  // The provider restored the mailbox: the same ids name other mails.
  const position = JSON.stringify({ validity: '1', uid: 999 });
  await here.ingest.runtime.db.asWorker((trx) =>
    sql`update sync_cursor set cursor = ${position} where account_id = ${account?.id}`.execute(trx),
  );
  const restored = say('Fourth');
  await syncNow(account?.id);
  await eventually(async () => expect(idsOf()).toEqual([...waiting, posted, picture, restored]));
});

test('a machine that writes is shown as a machine; a mail that names nobody is parked', async () => {
  const outOfOffice = [
    'From: Eva <eva@mail.example>',
    `To: ${own}`,
    'Subject: Abwesend: Ihre Bestellung',
    'Message-ID: <ooo-1@mail.example>',
    'Auto-Submitted: auto-replied',
    '',
    'Ich bin bis Montag nicht im Haus.',
  ];
  expect(await post(...outOfOffice)).toBe(200);
  expect((await received('ooo-1@mail.example')).data).toMatchObject({
    author: 'system',
    context: { mail: { isAutomatic: true } },
  });
  expect(await post('Subject: from nobody', '', 'words')).toBe(200);
  const { data, errors } = await ask(
    here.ingest.subgraph,
    anAgent(tenantId, 'admin'),
    '{ parkedWebhooks(first: 10) { edges { node { reason } } } }',
    {},
  );
  expect(errors).toEqual([]);
  expect(JSON.stringify(data)).toContain('the mail names no sender');
});

test('a server that is no mail server is refused, and a wrong password asks for a new one', async () => {
  const shop = here.twin.addShop({ platform: 'email', externalAccountId: 'orders@shop.example' });
  const web = await connectAs(here.ingest, tenantId, {
    ...inputOf(shop),
    apiBaseUrl: 'https://shop.example',
    authBaseUrl: null,
  });
  expect(web.errors).toEqual([
    expect.objectContaining({ code: 'URL_FORBIDDEN', message: expect.stringContaining('smtps:// or smtp://') }),
  ]);
  const credentials = [
    { name: 'signing_secret', value: shop.credentials['signing_secret'] },
    { name: 'smtp_password', value: 'of somebody else' },
  ];
  const { account, webhookUrl } = await connectAs(here.ingest, tenantId, { ...inputOf(shop), credentials });
  here.twin.setWebhookUrl(shop, webhookUrl);
  const { messageId } = here.twin.buyerSays({ shop, buyer: 'fay', content: textOf('Hi') });
  const { data } = await here.harness.events.next(
    'ingest.message-received',
    (event) => event.data.externalMessageId === messageId && event.data.accountId === account?.id,
  );
  const request = replyTo({ tenantId, accountId: data.accountId, shop }, data.conversationId, 'Hi!');
  await here.harness.publish(request);
  const { data: changed } = await here.harness.events.next(
    'ingest.account-changed',
    (event) => event.data.accountId === account?.id && event.data.status === 'reauthorise',
  );
  expect(changed.statusReason).toContain('new credentials');
  expect(executed('Hi!')).toEqual([]);
});

async function syncNow(accountId: string | undefined): Promise<void> {
  const mutation =
    'mutation ($input: SyncChannelAccountInput!) { syncChannelAccount(input: $input) { errors { code } } }';
  const input = { accountId };
  const { data } = await ask(here.ingest.subgraph, anAgent(tenantId, 'admin'), mutation, { input });
  expect(data).toEqual({ syncChannelAccount: { errors: [] } });
}

async function mediaOf(messageId: MessageId): Promise<unknown> {
  const query = `query($of: [_Any!]!) { _entities(representations: $of) { ... on Message { media { state width mimeType } } } }`;
  const of = [{ __typename: 'Message', id: messageId }];
  const { data } = await ask(here.ingest.subgraph, anAgent(tenantId), query, { of });
  return (data as { _entities: { media: unknown }[] })._entities[0]?.media;
}

async function makeDue(messageId: MessageId): Promise<void> {
  await here.ingest.runtime.db.asWorker((trx) =>
    sql`update delivery_intent set due_at = now() where message_id = ${messageId} and due_at > now()`.execute(trx),
  );
}
