import { expect, test } from '@jest/globals';
import { contextOf } from '../conformance/context.ts';
import type { MailboxRead } from '../port/index.ts';
import { mailboxProblem, waiting } from './email.mailbox.ts';
import { account } from './email.samples.ts';

const server = 'imaps://imap.shop.example:993';
const body = new TextEncoder().encode('From: a@mail.example\r\n\r\nHi');

/** What is asked of the mailbox, and the answer of the adapter. */
async function asked(credentials: Readonly<Record<string, string>>, cursor: string) {
  const reads: MailboxRead[] = [];
  const by = { ...account, credentials: { ...account.credentials, ...credentials } };
  const context = contextOf(by, () => Promise.reject(new Error('no HTTP')));
  const readMailbox = async (read: MailboxRead) => {
    reads.push(read);
    return { validity: '7', uid: 12, mails: [{ body, receivedAt: context.now() }], hasMore: true };
  };
  return { reads, answer: await waiting({ ...context, readMailbox }, cursor) };
}

test('an account without a server for incoming mail asks nothing', async () => {
  expect(await asked({}, '')).toEqual({ reads: [], answer: { deliveries: [], cursor: '', hasMore: false } });
});

test('the inbox is read from three days ago, then behind the last mail, with its validity', async () => {
  const { reads, answer } = await asked({ imap_server: server }, '');
  expect(reads).toEqual([
    {
      server,
      signIn: { user: 'service@shop.example', secret: 'a-password-of-the-server', isToken: false },
      folder: 'INBOX',
      after: null,
      since: new Date('2025-12-30T03:00:00Z'),
    },
  ]);
  expect(answer).toMatchObject({ deliveries: [{ body }], hasMore: true });
  const next = await asked({ imap_server: server, imap_folder: 'Shop', access_token: 't' }, answer.cursor);
  expect(next.reads).toMatchObject([
    { folder: 'Shop', after: { validity: '7', uid: 12 }, signIn: { secret: 't', isToken: true } },
  ]);
});

test('only servers of mailboxes are taken', () => {
  expect([server, 'imap://imap.shop.example'].map(mailboxProblem)).toEqual([null, null]);
  for (const value of ['https://imap.shop.example', 'imap.shop.example', 'imaps://user@imap.shop.example', 'imaps://'])
    expect(mailboxProblem(value)).toContain('imaps://');
});
