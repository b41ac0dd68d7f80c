import { generateKeyPairSync } from 'node:crypto';
import { type MessageContent, newId } from '@crossdesk/contracts';
import { expect, test } from '@jest/globals';
import PostalMime from 'postal-mime';
import { contextOf } from '../conformance/context.ts';
import type { ChannelAccount, MailReply, MailSubmission, OutgoingMessage } from '../port/index.ts';
import { parseDelivery } from './email.parse.ts';
import { account, mail, signed } from './email.samples.ts';
import { answerSubject } from './email.compose.ts';
import { send } from './email.send.ts';
import { placeOf } from './email.thread.ts';

const accepted: MailReply = { to: 'mail', code: 250, text: '2.0.0 Ok: queued as 4711' };
const question = mail(
  ['From: Ana <ana@mail.example>', 'Subject: Größe?', 'Message-ID: <q1@mail.example>', 'References: <q0@mail.example>'],
  'Which size?',
);

async function outgoing(content: MessageContent = { kind: 'text', text: 'Größe 40 ✓' }): Promise<OutgoingMessage> {
  const [fact] = (await parseDelivery(account, signed(question))).facts;
  if (fact?.type !== 'message') throw new Error('the question became no message');
  const { externalThreadId, externalMessageId, buyer, raw } = fact.message;
  return { messageId: newId(), externalThreadId, buyer, content, upload: null, answered: { externalMessageId, raw } };
}

async function submitted(message: OutgoingMessage, credentials: ChannelAccount['credentials'] = {}) {
  const by = { ...account, credentials: { ...account.credentials, ...credentials } };
  const given: MailSubmission[] = [];
  const submit = async (submission: MailSubmission) => {
    given.push(submission);
    return accepted;
  };
  const outcome = await send({ ...contextOf(by, () => Promise.reject(new Error('no HTTP'))), submit }, message);
  const [submission] = given;
  if (submission === undefined) throw new Error('nothing was submitted');
  const chunks: Uint8Array[] = [];
  for await (const chunk of submission.mail()) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  return { outcome, submission, source: bytes.toString('latin1'), email: await PostalMime.parse(bytes) };
}

test('an answer stands below the mail it answers, and has the same id in every attempt', async () => {
  const message = await outgoing();
  const { outcome, submission, email } = await submitted(message);
  expect(email).toMatchObject({
    from: { address: 'service@shop.example' },
    to: [{ address: 'ana@mail.example', name: 'Ana' }],
    subject: 'Re: Größe?',
    inReplyTo: '<q1@mail.example>',
    references: '<q0@mail.example> <q1@mail.example>',
    text: 'Größe 40 ✓',
  });
  expect(outcome).toEqual({ status: 'accepted', externalMessageId: email.messageId?.slice(1, -1) });
  expect(submission).toMatchObject({
    from: 'service@shop.example',
    to: 'ana@mail.example',
    signIn: { user: 'service@shop.example', isToken: false },
  });
  expect((await submitted(message)).email.messageId).toBe(email.messageId);
});

test('S3-3.3: the reply of the buyer is in the thread of the answer, by its id or by the reply address alone', async () => {
  const message = await outgoing();
  const { email } = await submitted(message, { plus_addresses: 'on' });
  const id = email.messageId?.slice(1, -1) ?? '';
  const token = email.replyTo?.[0]?.address ?? '';
  expect(token).toMatch(/^service\+[\da-f]{32}@shop\.example$/);
  for (const [references, receivers] of [
    [[id], []],
    [[], [token]],
  ])
    expect(
      placeOf('service@shop.example', 'ana@mail.example', {
        messageId: 'r@x',
        references: references ?? [],
        receivers: receivers ?? [],
      }).externalThreadId,
    ).toBe(message.externalThreadId);
});

test('a file is part of the mail, also when it is sent again', async () => {
  const content = {
    kind: 'file',
    url: null,
    thumbnailUrl: null,
    mediaId: null,
    mimeType: 'application/pdf',
    fileName: 'f.pdf',
    caption: 'The label',
  } as const;
  const open = async function* () {
    yield Buffer.from('%PDF-');
  };
  const message = {
    ...(await outgoing(content)),
    file: { mimeType: 'application/pdf', fileName: 'Étiquette.pdf', bytes: 5, open },
  };
  for (const { email } of [await submitted(message), await submitted(message)]) {
    expect([email.text?.trim(), email.attachments[0]?.filename, email.attachments[0]?.mimeType]).toEqual([
      'The label',
      'Étiquette.pdf',
      'application/pdf',
    ]);
    expect(Buffer.from(email.attachments[0]?.content as ArrayBuffer).toString()).toBe('%PDF-');
  }
});

test('a subject cannot add a header, and is marked as an answer once', async () => {
  expect(answerSubject('Hi\r\nBcc: eve@mail.example')).toBe('Re: Hi Bcc: eve@mail.example');
  for (const subject of ['Re: 7', 'AW: 7', '回复：7', 'RE[2]: 7']) expect(answerSubject(subject)).toBe(subject);
  expect(answerSubject(null)).toBe('Re:');
});

test('a mail is signed by the key of the account if it has one', async () => {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const dkim = { dkim_domain: 'shop.example', dkim_selector: 'desk', dkim_private_key: privateKey };
  expect((await submitted(await outgoing(), dkim)).source).toMatch(/^DKIM-Signature: v=1;[^]*d=shop\.example;/);
  expect((await submitted(await outgoing())).source).not.toContain('DKIM-Signature');
});

test.each([
  [
    { to: 'recipient', code: 550, text: '5.1.1 no such user' },
    { status: 'rejected', failure: 'RECIPIENT_UNREACHABLE' },
  ],
  [
    { to: 'recipient', code: 550, text: '5.7.1 blocked' },
    { status: 'rejected', failure: 'POLICY_BLOCKED' },
  ],
  [
    { to: 'mail', code: 552, text: '5.3.4 too big' },
    { status: 'rejected', failure: 'INVALID_REQUEST' },
  ],
  [
    { to: 'mail', code: 554, text: 'looks like spam' },
    { status: 'rejected', failure: 'POLICY_BLOCKED' },
  ],
  [
    { to: 'sender', code: 553, text: '5.7.1 not yours' },
    { status: 'rejected', failure: 'POLICY_BLOCKED' },
  ],
  [
    { to: 'recipient', code: 450, text: '4.2.0 greylisted' },
    { status: 'retry', afterMs: 90_000 },
  ],
  [
    { to: 'mail', code: 451, text: '4.3.0 try later' },
    { status: 'retry', afterMs: 90_000 },
  ],
  [
    { to: 'connection', code: 421, text: 'too many' },
    { status: 'limited', afterMs: 90_000 },
  ],
  [
    { to: 'mail', code: 550, text: '5.4.5 Daily user sending limit exceeded' },
    { status: 'limited', afterMs: 3_600_000 },
  ],
  [{ to: 'sign-in', code: 535, text: '5.7.8 bad credentials' }, { status: 'unauthorised' }],
  [
    { to: 'sign-in', code: 454, text: '4.7.0 not now' },
    { status: 'limited', afterMs: 90_000 },
  ],
] as const)('%j means %j', async (reply, outcome) => {
  const context = { ...contextOf(account, () => Promise.reject(new Error('no HTTP'))), submit: async () => reply };
  expect(await send(context, await outgoing())).toMatchObject(outcome);
});
