import type { Address, Email } from 'postal-mime';
import { text } from '../shared/platform-json.ts';

/** A person or role as a header names it. The address is in the form in which addresses are compared. */
export interface Mailbox {
  readonly address: string;
  /** Null if it is missing, or only repeats the address. */
  readonly name: string | null;
}

const addressCharactersMax = 254;
const localCharactersMax = 64;

/** Lower case, as no server of today tells the case of a local part apart; null for what is no address. */
export function mailAddress(value: unknown): string | null {
  const address = text(value)?.trim().toLowerCase() ?? '';
  const at = address.lastIndexOf('@');
  if (at < 1 || at > localCharactersMax || address.length > addressCharactersMax) return null;
  return /^[^\s@<>"(),:;\\[\]\p{Cc}\p{Cf}]+@[^\s@<>"(),:;\\\p{Cc}\p{Cf}]+$/u.test(address) ? address : null;
}

/** The rule that an account id breaks, as words that follow its name. */
export function accountIdProblem(value: string): string | null {
  return mailAddress(value) === value && !value.includes('+')
    ? null
    : 'must be the mail address of the store in lower case, without a "+" part, such as service@shop.example';
}

export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1);
}

/** The part behind the "+" of the store's own address; null for another address, "" without the part. */
export function tagOf(own: string, address: string): string | null {
  if (domainOf(own) !== domainOf(address)) return null;
  const local = own.slice(0, own.lastIndexOf('@'));
  const given = address.slice(0, address.lastIndexOf('@'));
  if (given === local) return '';
  return given.startsWith(`${local}+`) ? given.slice(local.length + 1) : null;
}

/** The own address with a "+" part; null when that is longer than servers take. */
export function tagged(own: string, tag: string): string | null {
  const local = own.slice(0, own.lastIndexOf('@'));
  const address = `${local}+${tag}@${domainOf(own)}`;
  return local.length + tag.length < localCharactersMax ? address : null;
}

/** The mailboxes of a header; a group counts as its members. */
export function mailboxes(given: readonly (Address | undefined)[] | undefined): readonly Mailbox[] {
  return (given ?? []).flatMap((one) => {
    if (one === undefined) return [];
    if (one.group !== undefined) return mailboxes(one.group);
    const address = mailAddress(one.address);
    if (address === null) return [];
    const name = text(one.name)?.trim() ?? '';
    return [{ address, name: name === '' || name.toLowerCase() === address ? null : name }];
  });
}

/** Who takes part in a mail. */
export interface Parties {
  /** From the store itself, written in another program or sent by us. */
  readonly isOwn: boolean;
  readonly buyer: Mailbox;
  /** Whom else the mail went to, without the store. */
  readonly others: readonly Mailbox[];
}

/**
 * The buyer is whom an answer goes to: Reply-To if it is not the store itself (the form of a web shop writes in the name of
 * the store), else From. Of a mail of the store itself it is the first receiver. Null when nobody is named.
 */
export function partiesOf(own: string, email: Email, isOfList: boolean): Parties | null {
  const isOther = ({ address }: Mailbox) => tagOf(own, address) === null;
  const from =
    mailboxes([email.from, email.sender])[0] ?? mailboxes([{ name: '', address: email.returnPath ?? '' }])[0];
  // The address of a list is no person.
  const answered = isOfList ? undefined : mailboxes(email.replyTo).find(isOther);
  const receivers = mailboxes([...(email.to ?? []), ...(email.cc ?? [])]).filter(isOther);
  if (from === undefined || isOther(from) || answered !== undefined) {
    const writer = answered ?? from;
    if (writer === undefined) return null;
    const name = writer.name ?? (from !== undefined && isOther(from) ? from.name : null);
    return { isOwn: false, buyer: { ...writer, name }, others: without(receivers, writer) };
  }
  const [receiver] = receivers;
  return receiver === undefined ? null : { isOwn: true, buyer: receiver, others: without(receivers, receiver) };
}

const othersMax = 20;

function without(boxes: readonly Mailbox[], { address }: Mailbox): readonly Mailbox[] {
  const others = new Map(boxes.map((box) => [box.address, box]));
  others.delete(address);
  return [...others.values()].slice(0, othersMax);
}
