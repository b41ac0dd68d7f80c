import { createHash } from 'node:crypto';
import type { Buyer, MessageContent, MessageContext } from '@crossdesk/contracts';
import type { Email } from 'postal-mime';
import {
  type Fact,
  type NormalisedMessage,
  type ParsedDelivery,
  UnparsableDelivery,
  type WebhookAddress,
  type WebhookRequest,
} from '../port/index.ts';
import { headOf, keyOfId } from '../shared/ids.ts';
import { text, toldInstant } from '../shared/platform-json.ts';
import { mailboxes, type Mailbox, type Parties, partiesOf } from './email.address.ts';
import { reportFacts } from './email.bounce.ts';
import { contentsOf } from './email.content.ts';
import { isAutomatic, isOfList } from './email.kind.ts';
import { readMail } from './email.mime.ts';
import { idsIn, placeOf } from './email.thread.ts';
import { type MailWords, subjectOf, wordsOf } from './email.words.ts';

/** Reads a mail as it is (RFC 5322), posted as the body. Two deliveries of one mail have the ids of its header. */
export async function parseDelivery(address: WebhookAddress, request: WebhookRequest): Promise<ParsedDelivery> {
  const own = address.externalAccountId;
  if (own === null) throw new UnparsableDelivery('the delivery does not name its account');
  const hash = createHash('sha256').update(request.rawBody).digest('hex');
  const facts = factsOf(own, await readMail(request.rawBody), { hash, receivedAt: request.receivedAt });
  return { deliveryKey: `mail:${hash}`, facts };
}

interface Arrival {
  readonly hash: string;
  readonly receivedAt: Date;
}

function factsOf(own: string, email: Email, { hash, receivedAt }: Arrival): readonly Fact[] {
  const occurredAt = toldInstant(email.date) ?? receivedAt;
  const report = reportFacts(own, email, occurredAt);
  if (report !== null) return report;
  const parties = partiesOf(own, email, isOfList(email));
  if (parties === null) throw new UnparsableDelivery('the mail names no sender');
  const words = wordsOf(email);
  const headers = headersIn(email, hash);
  const place = placeOf(own, parties.buyer.address, {
    ...headers,
    receivers: [
      ...mailboxes([...(email.to ?? []), ...(email.cc ?? [])]).map(({ address }) => address),
      ...deliveredTo(email),
    ],
  });
  const isByMachine = isAutomatic(email);
  const raw = JSON.stringify({
    messageId: headers.messageId,
    references: headers.references,
    subject: subjectOf(email),
    from: email.from ?? null,
    to: email.to ?? [],
    cc: email.cc ?? [],
    replyTo: email.replyTo ?? [],
    date: email.date ?? null,
    text: headOf(words.whole, keptCharactersMax),
  });
  const shared: Omit<NormalisedMessage, 'content' | 'externalMessageId'> = {
    externalThreadId: place.externalThreadId,
    threadAliases: place.threadAliases,
    direction: parties.isOwn ? 'outbound' : 'inbound',
    author: isByMachine ? 'system' : parties.isOwn ? 'seller' : 'buyer',
    buyer: buyerOf(parties.buyer),
    occurredAt,
    sequence: null,
    replyToExternalId: headers.inReplyTo,
    externalOrderIds: [],
    raw,
  };
  const context = contextOf(email, parties, words, isByMachine);
  return contentsOf(email, words).map((content, index) =>
    factOf(shared, headers.messageId, { content, index, context }),
  );
}

/** All of a mail that was written, for whoever looks up the original; longer ones are in the kept bytes. */
const keptCharactersMax = 100_000;

interface Part {
  readonly content: MessageContent;
  readonly index: number;
  readonly context: MessageContext;
}

function factOf(
  shared: Omit<NormalisedMessage, 'content' | 'externalMessageId'>,
  messageId: string,
  { content, index, context }: Part,
): Fact {
  const externalMessageId = index === 0 ? messageId : `${keyOfId(messageId)}#${index + 1}`;
  return {
    type: 'message',
    message: { ...shared, externalMessageId, content, ...(index === 0 ? { context } : {}) },
  };
}

interface Headers {
  readonly messageId: string;
  readonly references: readonly string[];
  readonly inReplyTo: string | null;
}

/** A mail without an id gets one from its bytes. */
function headersIn(email: Email, hash: string): Headers {
  const answered = idsIn(email.inReplyTo ?? null);
  const [messageId] = idsIn(email.messageId ?? null);
  const references = [...new Set([...idsIn(email.references ?? null), ...answered])];
  return {
    messageId: text(messageId) ?? `${hash}@mail.invalid`,
    references,
    inReplyTo: text(answered.at(-1) ?? references.at(-1)),
  };
}

/** Servers that pass a mail on note where it went: the token of a thread may be there only. */
function deliveredTo(email: Email): readonly string[] {
  const names = new Set(['delivered-to', 'x-original-to', 'envelope-to']);
  const values = email.headers.filter(({ key }) => names.has(key)).map(({ value }) => value);
  return mailboxes(values.map((value) => ({ name: '', address: value.replaceAll(/[<>\s]/g, '') }))).map(
    ({ address }) => address,
  );
}

function buyerOf({ address, name }: Mailbox): Buyer {
  return {
    externalId: address,
    commerceId: address,
    name,
    phone: null,
    email: address,
    avatarUrl: null,
    locale: null,
  };
}

const quotedCharactersMax = 8_000;

function contextOf(email: Email, { others }: Parties, { quoted }: MailWords, isByMachine: boolean): MessageContext {
  return {
    referral: null,
    product: null,
    problem: null,
    mail: {
      subject: text(subjectOf(email)),
      quoted: quoted === null ? null : { text: headOf(quoted, quotedCharactersMax) },
      others: others.map(({ address, name }) => ({ address, name })),
      isAutomatic: isByMachine,
    },
  };
}
