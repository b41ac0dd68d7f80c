import { type PlatformContext, PlatformRefusal, type WaitingDeliveries } from '../port/index.ts';
import { answerJson, field, integer, text } from '../shared/platform-json.ts';
import { signInOf } from './email.sign-in.ts';

/** What came before was answered elsewhere. Also read again when the mailbox gives its mails new ids. */
const lookBackMs = 3 * 86_400_000;

/** The mails of the mailbox behind the last one that was read, if the account has a server for incoming mail. */
export async function waiting(
  { account, readMailbox, now }: PlatformContext,
  cursor: string,
): Promise<WaitingDeliveries> {
  const { externalAccountId: own, credentials } = account;
  const { imap_server: server = '', imap_folder: folder = '' } = credentials;
  if (server === '') return { deliveries: [], cursor, hasMore: false };
  const signIn = signInOf(own, credentials);
  if (signIn === null) throw new PlatformRefusal('permanent', 'the mailbox needs a password or a token: enter one');
  const stored = answerJson(cursor);
  const [validity, uid] = [text(field(stored, 'validity')), integer(field(stored, 'uid'))];
  const page = await readMailbox({
    server,
    signIn,
    folder: folder === '' ? 'INBOX' : folder,
    after: validity === null || uid === null ? null : { validity, uid },
    since: new Date(now().getTime() - lookBackMs),
  });
  const position = JSON.stringify({ validity: page.validity, uid: page.uid });
  return { deliveries: page.mails, cursor: position, hasMore: page.hasMore };
}

/** The rule that an address of a mailbox breaks, as words that follow its name. */
export function mailboxProblem(value: string): string | null {
  const url = URL.canParse(value) ? new URL(value) : null;
  const isServer = (url?.protocol === 'imaps:' || url?.protocol === 'imap:') && url.host !== '' && url.username === '';
  return isServer ? null : 'must be the address of a server such as imaps://imap.example.com:993';
}
