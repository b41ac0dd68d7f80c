import {
  type Fact,
  headOf,
  type ParsedDelivery,
  UnparsableDelivery,
  type WebhookRequest,
  type Webhooks,
} from '@crossdesk/channels/adapters';
import { cleaned } from '@crossdesk/service-kit';
import { createHash } from 'node:crypto';
import type { AccountDirectory, WebhookTarget } from '../account/account-directory.ts';
import type { ConnectedAccount } from '../account/connected-account.ts';
import type { IngestDeps } from '../deps.ts';
import type { Ignored } from '../raw/ignored.store.ts';

/** A fact of a delivery with the account it is about. */
export interface AddressedFact {
  readonly account: ConnectedAccount;
  readonly fact: Fact;
}

/** An element of a delivery that cannot be recorded now. */
export interface Problem {
  /** The place of the element in the body; "" for the whole body. */
  readonly at: string;
  readonly reason: string;
  /** Parts of the body before this one are recorded: a replay continues there. Absent: none. */
  readonly from?: number;
}

/** The facts of a signed delivery, and the elements that cannot be recorded now: these are parked. */
export interface ReadDelivery {
  readonly deliveryKey: string;
  readonly facts: readonly AddressedFact[];
  readonly problems: readonly Problem[];
  /** Parts that are only counted. */
  readonly ignored: readonly Ignored[];
}

/** What is recorded of one delivery at once. A buyer who sends thousands of pictures must not stop other tenants. */
const partsMax = 500;
/** Of more problems than this, all but the first are parked as one: the whole delivery. */
const problemsMax = 50;

/**
 * Reads a delivery and finds the accounts it is about. One address may serve several accounts of an app; a message for an
 * account that is not connected is parked, until it is connected and the element replayed. Reads only the element `at` a
 * place, and at most `partsMax` facts, beginning `from`; the rest is a problem.
 */
export async function readDelivery(
  deps: Pick<IngestDeps, 'runtime'>,
  directory: AccountDirectory,
  webhooks: Webhooks,
  target: WebhookTarget,
  request: WebhookRequest,
  { at: wanted, from } = wholeDelivery,
): Promise<ReadDelivery> {
  const parsed = await parse(deps, webhooks, target, request);
  if (typeof parsed === 'string')
    return {
      deliveryKey: unparsableKey(request.rawBody),
      facts: [],
      problems: [{ at: '', reason: parsed }],
      ignored: [],
    };
  const facts: AddressedFact[] = [];
  const problems: Problem[] = [];
  const ignored: Ignored[] = [];
  const accountOf = createAccountFinder(directory, webhooks, target, request);
  const parts = parsed.facts.filter((fact) => isConcerned(fact.at ?? '', wanted));
  for (const fact of parts.slice(from, from + partsMax)) {
    const at = fact.at ?? '';
    if (fact.type === 'unreadable') {
      problems.push({ at, reason: fact.reason });
      continue;
    }
    const found = await accountOf(fact);
    const account = typeof found === 'string' ? null : found;
    if (account !== null) facts.push({ account, fact: wanted === '' ? fact : standingAlone(fact) });
    if (fact.type === 'ignored' || (account === null && !isContent(fact)))
      ignored.push(ignoredPart(target, account, fact, request.receivedAt));
    else if (typeof found === 'string') problems.push({ at, reason: `for ${fact.externalAccountId}, ${found}` });
  }
  const rest = restOf(parts.length, from + partsMax);
  return { deliveryKey: parsed.deliveryKey, facts, problems: [...inBounds(problems), ...rest], ignored };
}

function restOf(count: number, from: number): readonly Problem[] {
  if (count <= from) return [];
  return [{ at: '', from, reason: `${count - from} more parts: each replay records the next ${partsMax}` }];
}

/** A parked element is recorded as it stands beside the others of its body, which are recorded already. */
function standingAlone(fact: Fact): Fact {
  return fact.type === 'message' && fact.alone !== undefined ? { type: 'message', message: fact.alone } : fact;
}

/** A receipt or a notice about an account that is not connected concerns nothing that is shown here. */
function isContent({ type }: Fact): boolean {
  return type === 'message' || type === 'order' || type === 'feedback';
}

function ignoredPart(
  { tenantId, channel, addressId }: WebhookTarget,
  account: ConnectedAccount | null,
  fact: Fact,
  at: Date,
): Ignored {
  const isIgnored = fact.type === 'ignored';
  return {
    tenantId,
    channel,
    addressId: account?.id ?? addressId,
    kind: headOf(cleaned(isIgnored ? fact.platformKind : fact.type), kindCharactersMax),
    reason: isIgnored ? (fact.reason ?? 'unused') : 'not_connected',
    at,
  };
}

const kindCharactersMax = 100;

function inBounds(problems: readonly Problem[]): readonly Problem[] {
  const [first] = problems;
  if (first === undefined || problems.length <= problemsMax) return problems;
  return [first, { at: '', reason: `${problems.length} elements, the first at ${first.at}: ${first.reason}` }];
}

/** The place of the whole body, from its first part. */
const wholeDelivery = { at: '', from: 0 };

/** Whether one of two places contains the other. */
function isConcerned(place: string, wanted: string): boolean {
  return isWithin(place, wanted) || isWithin(wanted, place);
}

function isWithin(inner: string, outer: string): boolean {
  return outer === '' || inner === outer || inner.startsWith(`${outer}.`);
}

/** Reads the bytes. If the adapter throws, the body is treated like one that cannot be parsed, so nothing is lost. */
async function parse(
  { runtime }: Pick<IngestDeps, 'runtime'>,
  webhooks: Webhooks,
  { address, addressId }: WebhookTarget,
  request: WebhookRequest,
): Promise<ParsedDelivery | string> {
  try {
    const { deliveryKey, facts } = await webhooks.parse(address, request);
    return { deliveryKey: cleaned(deliveryKey), facts };
  } catch (err) {
    if (err instanceof UnparsableDelivery) return err.message;
    runtime.log.error({ err, addressId }, 'adapter failed on a signed delivery');
    return 'the adapter failed on this delivery: see the log of ingest';
  }
}

/**
 * The account a fact is about. If it is not the account of the address, its own secrets have to accept the same
 * delivery (accounts of one app share them), so that nobody can write into an account by naming it. A text says why
 * there is none.
 */
function createAccountFinder(
  directory: AccountDirectory,
  webhooks: Webhooks,
  target: WebhookTarget,
  request: WebhookRequest,
): (fact: Fact) => Promise<ConnectedAccount | string> {
  // A signature is made over the whole body: once for each account, not for each of its facts.
  const found = new Map<string, ConnectedAccount | string>();

  async function find(externalAccountId: string): Promise<ConnectedAccount | string> {
    if (found.size >= accountsMax) return tooManyAccounts;
    const account = await directory.byExternalId(target.tenantId, target.channel, externalAccountId);
    if (account === null) return notConnected;
    const verified = await webhooks.verify({ ...target.address, credentials: account.credentials }, request);
    return verified.ok ? account : notAccepted;
  }

  return async ({ externalAccountId: id }) => {
    if (id === undefined) return target.account ?? notConnected;
    const account = found.get(id) ?? (await find(id));
    if (found.size < accountsMax) found.set(id, account);
    return account;
  };
}

/** Accounts in one delivery; platforms send those of one app. */
const accountsMax = 100;
const tooManyAccounts = `after ${accountsMax} other accounts in one delivery: replay it`;

const notConnected = 'which is not connected: connect it, then replay';
const notAccepted =
  'whose credentials do not accept the signature: if a key was replaced, enter the old one as the previous key, then replay';

function unparsableKey(rawBody: Uint8Array): string {
  return `unparsable ${createHash('sha256').update(rawBody).digest('hex')}`;
}
