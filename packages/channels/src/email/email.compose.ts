import { Readable } from 'node:stream';
import { textOf } from '@crossdesk/contracts';
import DKIM from 'nodemailer/lib/dkim';
import MailComposer from 'nodemailer/lib/mail-composer';
import type { ChannelAccount, OutgoingMessage } from '../port/index.ts';
import { answerJson, field, list, text } from '../shared/platform-json.ts';
import { tagged } from './email.address.ts';
import { answerMark } from './email.quote.data.ts';
import { ownMessageId, rootOf } from './email.thread.ts';

/** A mail that answers one, with its id. */
export interface ComposedMail {
  /** Without angle brackets. */
  readonly messageId: string;
  readonly to: string;
  open(): AsyncIterable<Uint8Array>;
}

/** What of the answered mail the headers of an answer need. */
interface Answered {
  readonly messageId: string | null;
  readonly references: readonly string[];
  readonly subject: string | null;
}

/** A longer list is cut in the middle: programs need the first and the latest. */
const referencesMax = 20;
const subjectCharactersMax = 300;

/**
 * The mail of a reply (RFC 5322, 3.6.4): its id and boundary are the same in every attempt. It refers to the mails before it, so that it
 * stands below them in every program.
 */
export function composed(account: ChannelAccount, message: OutgoingMessage, at: Date): ComposedMail {
  const { externalAccountId: own, credentials } = account;
  const messageId = ownMessageId(own, message.messageId, message.externalThreadId);
  const answered = answeredOf(message);
  const to = message.buyer.email ?? message.buyer.externalId;
  const replyTo = credentials['plus_addresses'] === 'on' ? tagged(own, rootOf(message.externalThreadId)) : null;
  const open = (): Readable => {
    const composer = new MailComposer({
      disableFileAccess: true,
      disableUrlAccess: true,
      baseBoundary: message.messageId,
      newline: 'windows',
      from: { name: oneLine(credentials['sender_name'] ?? ''), address: own },
      to: { name: oneLine(message.buyer.name ?? ''), address: to },
      ...(replyTo === null ? {} : { replyTo }),
      subject: answerSubject(answered.subject),
      date: at,
      messageId: `<${messageId}>`,
      ...(answered.messageId === null ? {} : { inReplyTo: `<${answered.messageId}>` }),
      ...(answered.references.length === 0 ? {} : { references: answered.references.map((id) => `<${id}>`) }),
      text: wordsOf(message),
      attachments: attachmentsOf(message),
    });
    return signed(account, composer.compile().createReadStream());
  };
  return { messageId, to, open };
}

function answeredOf({ answered }: OutgoingMessage): Answered {
  const raw = answerJson(answered?.raw ?? '');
  const messageId = text(field(raw, 'messageId'));
  const before = list(field(raw, 'references')).flatMap((id) => text(id) ?? []);
  const all = [...new Set([...before, ...(messageId === null ? [] : [messageId])])];
  const references = all.length <= referencesMax ? all : [...all.slice(0, 1), ...all.slice(1 - referencesMax)];
  return { messageId, references, subject: text(field(raw, 'subject')) };
}

/** The subject as the buyer wrote it, marked once as an answer. */
export function answerSubject(subject: string | null): string {
  const given = oneLine(subject ?? '')
    .slice(0, subjectCharactersMax)
    .toWellFormed();
  return answerMark.test(given) ? given : `Re: ${given}`.trimEnd();
}

function oneLine(words: string): string {
  return words.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();
}

/** The text; a file that has only an address is named by it. */
function wordsOf({ content, file }: OutgoingMessage): string {
  const address = file === undefined && 'url' in content ? content.url : null;
  return [textOf(content), address].filter((part) => part !== null && part !== '').join('\n\n');
}

function attachmentsOf({ file }: OutgoingMessage) {
  if (file === undefined) return [];
  const content = Readable.from(file.open(), { objectMode: false });
  return [{ filename: file.fileName, contentType: file.mimeType, content, contentDisposition: 'attachment' }];
}

/** Signed by the store's own key if the account has one; usually the mail server signs. */
function signed({ credentials }: ChannelAccount, mail: Readable): Readable {
  const { dkim_domain = '', dkim_selector = '', dkim_private_key = '' } = credentials;
  if (dkim_domain === '' || dkim_selector === '' || dkim_private_key === '') return mail;
  return new DKIM({ domainName: dkim_domain, keySelector: dkim_selector, privateKey: dkim_private_key }).sign(mail);
}
