import { createHash } from 'node:crypto';
import type { MessageId } from '@crossdesk/contracts';
import type { ThreadAlias } from '../port/index.ts';
import { domainOf, tagOf } from './email.address.ts';

/** The headers that place a mail. Ids are without angle brackets. */
export interface Reference {
  readonly messageId: string;
  /** The ids that the mail refers to, oldest first. */
  readonly references: readonly string[];
  /** All addresses that the mail was sent to: one may have the token of a thread. */
  readonly receivers: readonly string[];
}

export interface Place {
  readonly externalThreadId: string;
  readonly threadAliases: readonly ThreadAlias[];
  /** The token of the thread in ids and addresses of ours. */
  readonly root: string;
}

/** A message id of ours. */
export interface OwnId {
  readonly messageId: string;
  readonly root: string;
}

// The service keeps ten ids of a thread that one message tells.
const aliasesMax = 10;

/**
 * The thread of a mail. A subject never decides. An id of a thread is made of an id of a mail in it and of the address of
 * the buyer: whoever got to know the id of a mail, by being copied or by guessing, cannot write into the thread of
 * somebody else. All mails that a mail refers to are in one thread, in whatever order they come.
 */
export function placeOf(own: string, buyerAddress: string, { messageId, references, receivers }: Reference): Place {
  const owner = digest(buyerAddress).slice(0, 16);
  const ours = references.flatMap((id) => ownId(own, id) ?? []);
  const tokens = receivers.flatMap((address) => tokenIn(own, address) ?? []);
  const others = references.filter((id) => ownId(own, id) === null);
  const root = ours.at(-1)?.root ?? tokens[0] ?? digest(others[0] ?? messageId);
  const named = [root, ...ours.map((id) => id.root), ...tokens, digest(messageId), ...others.toReversed().map(digest)];
  const aliases = [...new Set(named)].slice(0, aliasesMax).map((name) => `${name}.${owner}`);
  return {
    externalThreadId: `${root}.${owner}`,
    threadAliases: aliases.map((id) => ({ id, standing: 'own' })),
    root,
  };
}

/** The token of the thread with this id. */
export function rootOf(externalThreadId: string): string {
  return externalThreadId.split('.')[0] ?? externalThreadId;
}

/** The id of a mail of ours: the same in every attempt, so that readers show a mail that was sent twice once. */
export function ownMessageId(own: string, messageId: MessageId, externalThreadId: string): string {
  return `${messageId}.${rootOf(externalThreadId)}@${domainOf(own)}`;
}

/** Reads an id of ours; null for any other. */
export function ownId(own: string, id: string): OwnId | null {
  const [, messageId, root] = /^([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})\.([\da-f]{32})@/.exec(id) ?? [];
  if (messageId === undefined || root === undefined) return null;
  return domainOf(id).toLowerCase() === domainOf(own) ? { messageId, root } : null;
}

function tokenIn(own: string, address: string): string | null {
  const tag = tagOf(own, address);
  return tag !== null && /^[\da-f]{32}$/.test(tag) ? tag : null;
}

function digest(id: string): string {
  return createHash('sha256').update(id).digest('hex').slice(0, 32);
}

const idsMax = 100;
const idCharactersMax = 998;

/**
 * The ids in a header, without brackets and comments. Programs also write them without brackets, or separated by commas.
 */
export function idsIn(header: string | null): readonly string[] {
  const words = (header ?? '').split(/[\s<>,;]+/).filter((word) => word.length <= idCharactersMax);
  const ids = words.filter((word) => /.@./.test(word) && !/\p{Cc}/u.test(word));
  const unique = [...new Set(ids)];
  // The first names the thread, the last are the closest.
  return unique.length <= idsMax ? unique : [...unique.slice(0, 1), ...unique.slice(1 - idsMax)];
}
