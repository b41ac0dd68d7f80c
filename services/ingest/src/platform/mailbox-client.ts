import { type MailboxPage, type MailboxRead, PlatformCallError, PlatformRefusal } from '@crossdesk/channels/adapters';
import { ImapFlow } from 'imapflow';
import type { MailClientOptions } from './mail-client.ts';
import { reachableHost } from './reachable-host.ts';

/** A page of mails is in memory at once. */
const pageMailsMax = 50;
const pageBytesMax = 8 * 1024 * 1024;
/** A longer mail is read up to here: its words stand before its files. A mail needs several times its size in memory. */
const mailBytesMax = 12 * 1024 * 1024;
/** A page is larger than any other answer. */
const timeoutFactor = 4;

/** Reads mailboxes by IMAP, one connection for each page. Nothing is marked or moved: folders are only examined. */
export function createMailboxClient({ timeoutMs, allowPrivateAddresses }: MailClientOptions) {
  return async function readMailbox(asked: MailboxRead): Promise<MailboxPage> {
    const { hostname, port, protocol } = serverOf(asked.server);
    const { user, secret, isToken } = asked.signIn;
    const client = new ImapFlow({
      host: await reachableHost(hostname, allowPrivateAddresses),
      servername: hostname,
      port: Number(port) || (protocol === 'imaps:' ? 993 : 143),
      secure: protocol === 'imaps:',
      ...(protocol === 'imap:' && !allowPrivateAddresses ? { doSTARTTLS: true } : {}),
      auth: isToken ? { user, accessToken: secret } : { user, pass: secret },
      logger: false,
      disableAutoIdle: true,
      connectionTimeout: timeoutMs,
      greetingTimeout: timeoutMs,
      socketTimeout: timeoutMs,
    });
    // Reported by the command that waits.
    client.on('error', () => undefined);
    const timer = setTimeout(() => client.close(), timeoutMs * timeoutFactor);
    try {
      await client.connect();
      return await readPage(client, asked);
    } catch (cause) {
      throw failureOf(cause, asked.server);
    } finally {
      clearTimeout(timer);
      client.close();
    }
  };
}

function serverOf(server: string): URL {
  const url = URL.canParse(server) ? new URL(server) : null;
  if (url?.protocol === 'imaps:' || url?.protocol === 'imap:') return url;
  throw new PlatformCallError('the address of the mailbox must begin with imaps:// or imap://', false);
}

async function readPage(client: ImapFlow, { folder, after, since }: MailboxRead): Promise<MailboxPage> {
  const lock = await client.getMailboxLock(folder, { readOnly: true });
  try {
    if (client.mailbox === false) throw new Error('the folder was closed');
    const { uidValidity, uidNext, exists } = client.mailbox;
    const validity = String(uidValidity);
    // Ids of another validity name other mails: what is known already changes nothing.
    const known = after?.validity === validity ? after.uid : null;
    const uids = exists === 0 ? [] : await uidsOf(client, known, since);
    const wanted = uids.slice(0, pageMailsMax);
    const mails: { body: Uint8Array; receivedAt: Date }[] = [];
    let bytes = 0;
    let uid = known ?? (uids.length === 0 ? uidNext - 1 : 0);
    for (const next of wanted) {
      if (bytes >= pageBytesMax) break;
      const mail = await client.fetchOne(
        String(next),
        { source: { maxLength: mailBytesMax }, internalDate: true },
        { uid: true },
      );
      uid = next;
      // Somebody removed it meanwhile.
      if (mail === false || mail.source === undefined) continue;
      bytes += mail.source.byteLength;
      mails.push({ body: mail.source, receivedAt: new Date(mail.internalDate ?? Date.now()) });
    }
    return { validity, uid, mails, hasMore: uids.some((one) => one > uid) };
  } finally {
    lock.release();
  }
}

/** The mails behind a known one, or since a day; lowest first. */
async function uidsOf(client: ImapFlow, known: number | null, since: Date): Promise<readonly number[]> {
  const found = await client.search(known === null ? { since } : { uid: `${known + 1}:*` }, { uid: true });
  // The last mail always belongs to a range that ends in "*".
  return (Array.isArray(found) ? found : []).filter((uid) => known === null || uid > known).toSorted((a, b) => a - b);
}

/** Errors of the library may repeat what was sent. */
function failureOf(cause: unknown, server: string): PlatformRefusal | PlatformCallError {
  const told = (name: string): unknown => (cause instanceof Error ? Reflect.get(cause, name) : null);
  const { host } = new URL(server);
  if (told('authenticationFailed') === true)
    return new PlatformRefusal('unauthorised', `the mailbox at ${host} refuses the sign-in`);
  if (told('responseStatus') === 'NO')
    return new PlatformRefusal('permanent', `the mailbox at ${host} has no folder of this name, or does not show it`);
  const code = told('code');
  return new PlatformCallError(
    `the mailbox at ${host} gave no answer: ${typeof code === 'string' ? code : 'the connection ended'}`,
    false,
    { cause },
  );
}
