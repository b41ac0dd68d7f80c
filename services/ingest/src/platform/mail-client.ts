import { type MailReply, type MailSignIn, type MailSubmission, PlatformCallError } from '@crossdesk/channels/adapters';
import { crashPoint } from '@crossdesk/service-kit';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { Readable } from 'node:stream';
import { reachableHost } from './reachable-host.ts';

export interface MailClientOptions {
  /** From the connection to the answer to the mail. */
  readonly timeoutMs: number;
  /** For a twin or a test server on this machine; also allows a connection without encryption. */
  readonly allowPrivateAddresses: boolean;
}

/** What the connection says when it ends: its own words, or the answer of the server. */
type Failure = Error & { readonly responseCode?: number; readonly response?: string; readonly command?: string };

/** Hands mails over to servers, one connection for each. It connects to the address it has checked. */
export function createMailClient({ timeoutMs, allowPrivateAddresses }: MailClientOptions) {
  return async function submit(submission: MailSubmission): Promise<MailReply> {
    const { hostname, port, protocol } = serverOf(submission.server);
    const connection = new SMTPConnection({
      host: await reachableHost(hostname, allowPrivateAddresses),
      servername: hostname,
      port: Number(port) || (protocol === 'smtps:' ? 465 : 587),
      secure: protocol === 'smtps:',
      requireTLS: protocol === 'smtp:' && !allowPrivateAddresses,
      // The name of the machine concerns nobody.
      name: submission.from.slice(submission.from.lastIndexOf('@') + 1),
      connectionTimeout: timeoutMs,
      greetingTimeout: timeoutMs,
      socketTimeout: timeoutMs,
      maxResponseSize: answerBytesMax,
      customAuth: { XOAUTH2: signInWithToken },
    });
    return exchange(connection, submission, timeoutMs);
  };
}

const answerBytesMax = 64 * 1024;

function serverOf(server: string): URL {
  const url = URL.canParse(server) ? new URL(server) : null;
  if (url?.protocol === 'smtps:' || url?.protocol === 'smtp:') return url;
  throw new PlatformCallError('the address of the mail server must begin with smtps:// or smtp://', false);
}

/** The steps of RFC 5321. The last answer of the server ends it; without one nothing or all may have happened. */
async function exchange(
  connection: SMTPConnection,
  { server, signIn, from, to, mail }: MailSubmission,
  timeoutMs: number,
): Promise<MailReply> {
  const source = Readable.from(mail(), { objectMode: false });
  let isAllSent = false;
  source.once('end', () => {
    isAllSent = true;
  });
  const failed = Promise.withResolvers<never>();
  // Reported by the step that waits, if one does.
  failed.promise.catch(() => undefined);
  const timer = setTimeout(() => failed.reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  connection.on('error', failed.reject);
  connection.once('end', () => failed.reject(new Error('the connection ended')));
  try {
    await Promise.race([failed.promise, done((end) => connection.connect(end))]);
    if (signIn !== null)
      await Promise.race([failed.promise, done((end) => connection.login(credentialsOf(signIn), end))]);
    const sent = done((end) => connection.send({ from, to: [to] }, source, end));
    await Promise.race([failed.promise, sent]);
    crashPoint('call-answered', 'ingest');
    connection.quit();
    return { to: 'mail', code: 250, text: lastAnswer(connection) };
  } catch (error) {
    connection.close();
    const reply = error instanceof Error ? replyIn(error) : null;
    if (reply !== null) return reply;
    const what = error instanceof Error ? reasonOf(error) : 'no answer';
    throw new PlatformCallError(`the mail server ${new URL(server).host} gave no answer: ${what}`, isAllSent, {
      cause: error,
    });
  } finally {
    clearTimeout(timer);
    source.destroy();
  }
}

function done(start: (end: (error?: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    start((error) => {
      if (error === null || error === undefined) resolve();
      else reject(error);
    });
  });
}

function lastAnswer({ lastServerResponse }: SMTPConnection): string {
  return lastServerResponse === false ? '' : lastServerResponse;
}

function credentialsOf({ user, secret, isToken }: MailSignIn) {
  return isToken ? { user, pass: secret, method: 'XOAUTH2' } : { user, pass: secret };
}

/** The token once, as it is: the service renews it and tries again. */
async function signInWithToken(context: SMTPConnection.CustomAuthenticationContext): Promise<void> {
  const { user, pass } = context.auth.credentials;
  const words = Buffer.from(`user=${user}\u0001auth=Bearer ${pass}\u0001\u0001`).toString('base64');
  const answer = await context.sendCommand(`AUTH XOAUTH2 ${words}`);
  // 334 has the reason in JSON: the refusal follows an empty line.
  const last = answer.status === 334 ? await context.sendCommand('') : answer;
  if (last.status >= 200 && last.status < 300) context.resolve();
  else context.reject(new Error('the token is refused'));
}

const steps = [
  ['AUTH', 'sign-in'],
  ['MAIL FROM', 'sender'],
  ['RCPT TO', 'recipient'],
  ['DATA', 'mail'],
] as const;

/** The answer of the server that ended the exchange; null if there was none. */
function replyIn({ responseCode, response, command }: Failure): MailReply | null {
  if (responseCode === undefined) return null;
  const step = steps.find(([name]) => command?.startsWith(name));
  return { to: step?.[1] ?? 'connection', code: responseCode, text: response ?? '' };
}

/** The code of the error: messages of the network stack may repeat parts of the mail. */
function reasonOf(error: Error): string {
  const code: unknown = Reflect.get(error, 'code');
  return typeof code === 'string' ? code : error.message;
}
