import { type MessageKind, textOf } from '@crossdesk/contracts';
import type { Credentials, MailReply, OutgoingMessage, PlatformContext, SendOutcome } from '../port/index.ts';
import { type PlatformError, toSendOutcome, withoutSecrets } from '../shared/platform-error.ts';
import { invalid, unsupported } from '../shared/rejection.ts';
import { mailAddress } from './email.address.ts';
import { failureOf } from './email.bounce.ts';
import { composed } from './email.compose.ts';
import { record } from './email.record.ts';
import { signInOf } from './email.sign-in.ts';

const { textCharactersMax } = record.capabilities;
const sends: readonly MessageKind[] = record.capabilities.sends;

/** Servers that do not know a sender yet ask for a pause of a minute or more (greylisting). */
const pauseMs = 90_000;
/** A server that counts the mails of a day says so for hours. */
const quotaPauseMs = 3_600_000;

/** Hands a reply over to the mail server of the account. */
export async function send(context: PlatformContext, message: OutgoingMessage): Promise<SendOutcome> {
  const { content } = message;
  if (!sends.includes(content.kind)) return unsupported(`${content.kind} messages cannot be sent by mail`);
  if ((textOf(content)?.length ?? 0) > textCharactersMax)
    return invalid(`shorten the text to ${textCharactersMax} characters`);
  const { account } = context;
  const mail = composed(account, message, context.now());
  if (mailAddress(mail.to) === null) return invalid('the buyer has no mail address that can be written to');
  const reply = await context.submit({
    server: account.baseUrls.api,
    signIn: signInOf(account.externalAccountId, account.credentials),
    from: account.externalAccountId,
    to: mail.to,
    mail: mail.open,
  });
  if (reply.to === 'mail' && reply.code >= 200 && reply.code < 300)
    return { status: 'accepted', externalMessageId: mail.messageId };
  return toSendOutcome(classify(reply, account.credentials));
}

const harmless = ['smtp_user', 'sender_name', 'plus_addresses', 'dkim_domain', 'dkim_selector', 'expires_at'];

/** What a refusal means (RFC 5321, 4.2; RFC 3463; what large providers say beyond them). */
function classify({ to, code, text }: MailReply, credentials: Credentials): PlatformError {
  const words = withoutSecrets(text.replaceAll(/\s+/g, ' ').trim(), credentials, harmless);
  const detail = `the mail server answered ${words === '' ? code : words}`;
  const status = /\b[45]\.\d{1,3}\.\d{1,3}\b/.exec(text)?.[0] ?? null;
  // Gmail: 5.4.5; Microsoft: 5.1.90, 5.2.2 and 5.7.232; Exim and Postfix in words.
  if (/\b(?:[45]\.4\.5|5\.1\.90|5\.7\.23[2-6])\b|(?:daily|hourly|sending) (?:user )?(?:limit|quota)/i.test(text))
    return { kind: 'rate-limited', detail, afterMs: quotaPauseMs };
  if (code === 421 || (code < 500 && to !== 'recipient' && to !== 'mail'))
    return { kind: 'rate-limited', detail, afterMs: pauseMs };
  if (to === 'sign-in' || code === 530 || code === 535 || code === 534) return { kind: 'unauthorised', detail };
  if (code < 500) return { kind: 'busy', detail, afterMs: pauseMs };
  const failure =
    to === 'sender' ? 'POLICY_BLOCKED' : code === 552 || code === 554 ? failureOfMail(status) : failureOf(status);
  return { kind: 'permanent', code: String(code), failure, detail };
}

/** 552 and 554 without a code are about the mail, not about its receiver. */
function failureOfMail(status: string | null) {
  return status === null ? 'POLICY_BLOCKED' : failureOf(status);
}
