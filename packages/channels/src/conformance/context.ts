import { type ChannelAccount, type MailReply, type PlatformContext, PlatformRefusal } from '../port/index.ts';

/** The context of an adapter in the suite: the sample account, the given answers, and a fixed clock. */
export function contextOf(account: ChannelAccount, call: PlatformContext['call']): PlatformContext {
  return {
    account,
    call,
    submit: async ({ server }) => {
      const { status, body } = await call({ method: 'POST', url: server, headers: {}, body: null });
      return { ...inWordsOfMail(status), text: body };
    },
    readMailbox: async ({ server }) => {
      const { status } = await call({ method: 'GET', url: server, headers: {}, body: null });
      if (status === 401) throw new PlatformRefusal('unauthorised', 'the mailbox refuses the sign-in');
      return { validity: '1', uid: 0, mails: [], hasMore: false };
    },
    now: () => new Date('2026-01-02T03:00:00Z'),
  };
}

/** The answer of a mail server that means the same: a failure of the server is temporary, a refusal is not. */
function inWordsOfMail(status: number): Pick<MailReply, 'to' | 'code'> {
  if (status >= 200 && status < 300) return { to: 'mail', code: 250 };
  if (status === 401) return { to: 'sign-in', code: 535 };
  return { to: 'recipient', code: status >= 500 || status === 429 ? 451 : 550 };
}
