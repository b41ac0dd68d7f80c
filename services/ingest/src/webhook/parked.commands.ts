import type { TenantId } from '@crossdesk/contracts';
import { changed, type CommandCall, type Outcome, refuse, unchanged } from '@crossdesk/service-kit';
import type { AccountDirectory } from '../account/account-directory.ts';
import type { DB, Trx } from '../db.ts';
import type { IngestDeps } from '../deps.ts';
import {
  continueParked,
  discardParked,
  insertParked,
  lockParked,
  markReplayed,
  type ParkedRow,
} from '../raw/parked.store.ts';
import { countIgnored } from '../raw/ignored.store.ts';
import { readListedAgain } from './read-listed.ts';
import { type AddressedFact, type ReadDelivery, readDelivery } from './read-delivery.ts';

type ReplayOutcome = Outcome<ParkedRow, 'NOT_FOUND' | 'STILL_UNPARSABLE'>;

const absent = refuse(
  'NOT_FOUND',
  'parkedWebhookId',
  'There is no such parked element: take the id from parkedWebhooks.',
);

/**
 * Reads a parked delivery, or the parked element of one or of a list, again with the current adapter and records its
 * facts. Replaying twice changes nothing.
 */
export async function replayParked(
  deps: IngestDeps,
  directory: AccountDirectory,
  call: CommandCall<DB>,
  id: string,
): Promise<ReplayOutcome> {
  const {
    trx,
    actor: { tenantId },
  } = call;
  const parked = await lockParked(trx, tenantId, id);
  if (parked === null) return absent;
  if (parked.replayed_at !== null) return unchanged(parked);
  directory.forget();
  const read = await readAgain(deps, directory, tenantId, parked);
  if (read === null) return absent;
  if (parked.from_part > 0) return goOn(deps, call, parked, read);
  const [problem] = read.problems;
  if (problem !== undefined)
    return refuse('STILL_UNPARSABLE', 'parkedWebhookId', `It still cannot be read: ${problem.reason}`);
  await record(deps, trx, parked, read.facts);
  const replayedAt = deps.runtime.clock.now();
  await markReplayed(trx, tenantId, id, replayedAt);
  return changed({ ...parked, replayed_at: replayedAt }, id);
}

/** Records the next parts of a delivery that has too many for one time. Those that cannot be read are parked one by one. */
async function goOn(
  deps: IngestDeps,
  { trx, actor: { tenantId } }: CommandCall<DB>,
  parked: ParkedRow,
  { facts, problems, ignored }: Omit<ReadDelivery, 'deliveryKey'>,
): Promise<ReplayOutcome> {
  const { id, address_id: addressId, channel, source, raw_id: rawId, method, headers, query } = parked;
  await record(deps, trx, parked, facts);
  const shared = { tenantId, addressId, channel, source, rawId, method, headers, query, from: 0 };
  const unread = problems.filter(({ from }) => from === undefined);
  await insertParked(
    trx,
    unread.map(({ at, reason }) => ({ ...shared, at, reason })),
  );
  const rest = problems.find(({ from }) => from !== undefined);
  const next = rest?.from === undefined ? null : { from: rest.from, reason: rest.reason };
  const replayedAt = next === null ? deps.runtime.clock.now() : null;
  if (next !== null) await continueParked(trx, tenantId, id, next);
  if (replayedAt !== null) await markReplayed(trx, tenantId, id, replayedAt);
  await countIgnored(trx, ignored);
  return changed({ ...parked, reason: next?.reason ?? parked.reason, replayed_at: replayedAt }, id);
}

/** The parked element with the facts it has now; null when its account or app is gone. */
async function readAgain(
  deps: IngestDeps,
  directory: AccountDirectory,
  tenantId: TenantId,
  parked: ParkedRow,
): Promise<Omit<ReadDelivery, 'deliveryKey'> | null> {
  const target = await directory.byAddressId(tenantId, parked.address_id);
  if (target === null) return null;
  if (parked.source !== 'webhook')
    return target.account === null ? null : readListedAgain(deps, target.account, parked.source, parked.body);
  const { webhooks } = deps.adapters[target.channel];
  if (webhooks === null) return null;
  const { method, headers, query, body: rawBody, received_at: receivedAt } = parked;
  const request = { method, headers, query, rawBody, receivedAt };
  const part = { at: parked.at, from: parked.from_part };
  return readDelivery(deps, directory, webhooks, target, request, part);
}

/** The account status in an old delivery is out of date: only that is left out. */
async function record(deps: IngestDeps, trx: Trx, parked: ParkedRow, facts: readonly AddressedFact[]): Promise<void> {
  const { received_at: receivedAt, raw_id: rawId } = parked;
  await deps.intake(
    trx,
    facts
      .filter(({ fact }) => fact.type !== 'account')
      .map(({ account, fact }) => ({ account, fact, receivedAt, traceparent: null, rawId })),
  );
}

/** Ends a parked element that nobody wants, such as a test ping or the words of an erased buyer. */
export async function discardWebhook(
  { runtime }: Pick<IngestDeps, 'runtime'>,
  { trx, actor: { tenantId } }: CommandCall<DB>,
  id: string,
): Promise<Outcome<ParkedRow, 'NOT_FOUND' | 'ALREADY_SETTLED'>> {
  const parked = await lockParked(trx, tenantId, id);
  if (parked === null) return absent;
  if (parked.replayed_at !== null)
    return refuse('ALREADY_SETTLED', 'parkedWebhookId', 'It was replayed: there is nothing left to discard.');
  await discardParked(trx, tenantId, parked, runtime.clock.now());
  return changed(parked, id);
}
