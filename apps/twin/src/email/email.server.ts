import type { FastifyInstance } from 'fastify';
import { promisify } from 'node:util';
import PostalMime from 'postal-mime';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import { executeSend } from '../happen.ts';
import type { Content, Shop } from '../model.ts';
import type { Context } from '../platform.port.ts';
import { signedIn } from './email.account.ts';
import { hostOf, portOf } from './email.host.ts';

/** As most providers have it. */
const mailBytesMax = 25 * 1024 * 1024;

const servers = new WeakMap<Context, SMTPServer>();

/** `smtp://host:port` of the server of outgoing mail, once the twin listens. */
export function mailServerAddress(context: Context): string {
  const port = portOf(servers.get(context)?.server.address() ?? null);
  return `smtp://${new URL(context.origin()).hostname}:${port}`;
}

/** The server of outgoing mail (RFC 6409): it asks for a sign-in and delivers to buyers it knows. */
export function openMailServer(app: FastifyInstance, context: Context): void {
  const server = new SMTPServer({
    name: 'mail.twin.example',
    banner: 'twin',
    size: mailBytesMax,
    rejectOversized: true,
    logger: false,
    // Nothing leaves the machine or its containers.
    disabledCommands: ['STARTTLS'],
    authMethods: ['PLAIN', 'LOGIN'],
    disableReverseLookup: true,
    closeTimeout: 100,
    onConnect: (session, end) => {
      if (context.faults.isDown('email')) cut(server, session);
      else end();
    },
    onAuth: ({ username = '', password }, _session, end) => {
      const shop = signedIn(context, username, password ?? '');
      end(null, shop === null ? { responseCode: 535, message: '5.7.8 wrong user or password' } : { user: shop });
    },
    onMailFrom: ({ address }, session, end) => {
      const isOwn = shopOf(session).externalAccountId === address;
      end(isOwn ? null : refusal(553, '5.7.1 the sender address belongs to somebody else'));
    },
    onRcptTo: ({ address }, session, end) => {
      const buyer = context.world.buyerByExternalId(shopOf(session), address);
      end(buyer === null ? refusal(550, '5.1.1 no such mailbox') : null);
    },
    onData: (stream, session, end) => {
      receive(context, server, stream, session).then(
        (answer) => {
          if (answer === null) return;
          if (answer instanceof Error) end(answer);
          else end(null, '2.0.0 queued');
        },
        () => end(refusal(451, '4.3.0 the mail could not be read')),
      );
    },
  });
  // Clients that vanish, also those of cut connections.
  server.on('error', () => undefined);
  servers.set(context, server);
  app.addHook('onReady', () => promisify((end: () => void) => server.listen(0, hostOf(context), end))());
  app.addHook('onClose', () => promisify((end: () => void) => server.close(end))());
}

function shopOf(session: SMTPServerSession): Shop {
  return session.user;
}

function refusal(responseCode: number, words: string): Error {
  return Object.assign(new Error(words), { responseCode });
}

/** Ends the connection with a reset: nobody learns what became of the mail. */
function cut({ connections }: SMTPServer, { id }: SMTPServerSession): void {
  for (const { session, _socket: socket } of connections)
    if (session.id === id && 'resetAndDestroy' in socket) socket.resetAndDestroy();
}

/** Takes a mail as faults let it. Null: there is no answer. */
async function receive(
  context: Context,
  server: SMTPServer,
  stream: SMTPServerDataStream,
  session: SMTPServerSession,
): Promise<'taken' | Error | null> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  const mail = Buffer.concat(chunks);
  const fault = context.faults.forCall('email', true);
  switch (fault) {
    case 'rate-limit':
      return refusal(421, '4.7.0 too many mails, try again later');
    case 'server-error':
      return refusal(451, '4.3.0 local error in processing');
    case 'token-expired':
      return refusal(530, '5.7.0 authentication required');
    case 'execute-then-hang':
    case 'execute-then-reset':
      await deliver(context, session, mail);
      if (fault === 'execute-then-reset') cut(server, session);
      return null;
    case null:
      await deliver(context, session, mail);
      return 'taken';
  }
}

/** Puts a mail before the buyer. Their program shows a mail with a known id once. */
async function deliver(context: Context, session: SMTPServerSession, mail: Buffer): Promise<void> {
  const { text = '', attachments, messageId = '' } = await PostalMime.parse(mail);
  const key = messageId.replaceAll(/[<>]/g, '');
  const [receiver] = session.envelope.rcptTo;
  const buyer = context.world.buyerByExternalId(shopOf(session), receiver?.address ?? '');
  if (buyer === null) throw new Error('a mail was taken for a buyer who does not exist');
  const thread = context.world.threadOf(shopOf(session), buyer);
  if (thread.messages.some((message) => message.key === key)) return;
  const [file] = attachments;
  const said = text.trim();
  const content: Content =
    file === undefined
      ? { kind: 'text', text: said }
      : { kind: 'native', type: file.mimeType, value: { text: said, fileName: file.filename } };
  const { afterwards } = await executeSend(context, thread, content, key);
  afterwards();
}
