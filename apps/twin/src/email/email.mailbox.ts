import type { FastifyInstance } from 'fastify';
import { createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { type Shop, seconds } from '../model.ts';
import type { Context } from '../platform.port.ts';
import { signedIn } from './email.account.ts';
import { hostOf, portOf } from './email.host.ts';
import { mailOf } from './email.push.ts';

const servers = new WeakMap<Context, Server>();

/** `imap://host:port` of the mailboxes, once the twin listens. */
export function mailboxAddress(context: Context): string {
  return `imap://${new URL(context.origin()).hostname}:${portOf(servers.get(context)?.address() ?? null)}`;
}

/**
 * The mailboxes of the shops by IMAP (RFC 3501), as far as reading an inbox needs it: sign-in, folders, search by day or by id,
 * and whole mails. Mails get their ids in the order in which they came, and none is ever removed.
 */
export function openMailboxes(app: FastifyInstance, context: Context): void {
  const sockets = new Set<Socket>();
  const validity = seconds(context.clock());
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // Clients that vanish.
    socket.on('error', () => undefined);
    if (context.faults.isDown('email')) socket.resetAndDestroy();
    else serve(context, socket, validity);
  });
  servers.set(context, server);
  app.addHook('onReady', () => promisify((end: () => void) => server.listen(0, hostOf(context), end))());
  app.addHook('onClose', async () => {
    for (const socket of sockets) socket.destroy();
    await promisify((end: () => void) => server.close(end))();
  });
}

interface Session {
  shop: Shop | null;
}

function serve(context: Context, socket: Socket, validity: number): void {
  const session: Session = { shop: null };
  socket.write('* OK [CAPABILITY IMAP4rev1] twin\r\n');
  createInterface({ input: socket, crlfDelay: Infinity }).on('line', (line) => {
    const [tag = '*', ...words] = line.split(' ');
    const isOfIds = words[0]?.toUpperCase() === 'UID';
    const [name = '', ...given] = isOfIds ? words.slice(1) : words;
    for (const answer of answersTo(context, session, name.toUpperCase(), given.join(' '), validity))
      socket.write(typeof answer === 'string' ? `${answer.replace('TAG', tag)}\r\n` : answer);
    if (name.toUpperCase() === 'LOGOUT') socket.end();
  });
}

/** The lines and bytes that answer a command; TAG stands for its tag. */
function answersTo(
  context: Context,
  session: Session,
  name: string,
  given: string,
  validity: number,
): readonly (string | Buffer)[] {
  const done = `TAG OK ${name} done`;
  switch (name) {
    case 'CAPABILITY':
      return ['* CAPABILITY IMAP4rev1', done];
    case 'LOGOUT':
      return ['* BYE twin', done];
    case 'LOGIN': {
      const [user = '', password = ''] = given.split(' ').map((word) => word.replaceAll('"', ''));
      session.shop = signedIn(context, user, password);
      return [session.shop === null ? 'TAG NO [AUTHENTICATIONFAILED] wrong user or password' : done];
    }
  }
  if (session.shop === null) return ['TAG BAD sign in first'];
  const mails = mailsOf(context, session.shop);
  switch (name) {
    case 'LIST':
      return ['* LIST (\\HasNoChildren) "/" INBOX', done];
    case 'SELECT':
    case 'EXAMINE': {
      if (given.replaceAll('"', '').toUpperCase() !== 'INBOX') return ['TAG NO [NONEXISTENT] no such folder'];
      const state = [`* OK [UIDVALIDITY ${validity}] ids`, `* OK [UIDNEXT ${mails.length + 1}] next`];
      return [
        '* FLAGS (\\Seen)',
        `* ${mails.length} EXISTS`,
        '* 0 RECENT',
        ...state,
        `TAG OK [READ-ONLY] ${name} done`,
      ];
    }
    case 'SEARCH': {
      const found = mails.filter((mail) => isFound(mail, given));
      return [`* SEARCH${found.map(({ uid }) => ` ${uid}`).join('')}`, done];
    }
    case 'FETCH': {
      const mail = mails.find(({ uid }) => uid === Number.parseInt(given, 10));
      if (mail === undefined) return [done];
      const bytes = Buffer.from(mail.raw);
      // A part is asked for from its beginning, and is longer than any mail here.
      const part = given.includes('[]<0') ? 'BODY[]<0>' : 'BODY[]';
      const day = internalDate(mail.at);
      const head = `* ${mail.uid} FETCH (UID ${mail.uid} INTERNALDATE "${day}" ${part} {${bytes.length}}`;
      return [head, bytes, ')', done];
    }
    default:
      return [done];
  }
}

interface StoredMail {
  readonly uid: number;
  readonly raw: string;
  readonly at: Date;
}

/** What came in, and what people wrote in the webmail of the provider. */
function mailsOf({ world }: Context, shop: Shop): readonly StoredMail[] {
  return world
    .threads(shop)
    .flatMap((thread) => thread.messages.map((message) => ({ thread, message })))
    .filter(({ message }) => message.via !== 'api')
    .toSorted((a, b) => (a.message.sequence < b.message.sequence ? -1 : 1))
    .map(({ thread, message }, index) => ({ uid: index + 1, raw: mailOf(thread, message), at: message.at }));
}

/** `UID 5:*`, where the last mail always belongs to the range, or `SINCE 2-Jan-2026`. */
function isFound({ uid, at }: StoredMail, criteria: string): boolean {
  const [, from] = /UID (\d{1,10}):\*/.exec(criteria) ?? [];
  if (from !== undefined) return uid >= Number(from);
  const [, day = ''] = /SINCE "?([\w-]{1,20})/.exec(criteria) ?? [];
  return at.getTime() >= Date.parse(`${day.replaceAll('-', ' ')} UTC`);
}

function internalDate(at: Date): string {
  const [, day, month, year, time] = at.toUTCString().split(' ');
  return `${day}-${month}-${year} ${time} +0000`;
}
