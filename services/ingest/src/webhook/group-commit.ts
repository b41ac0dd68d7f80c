import type { HttpMethod } from '@crossdesk/channels/adapters';
import { type ChannelAccountId, newId } from '@crossdesk/contracts';
import { crashPoint, declareCounter, isDatabaseTrouble } from '@crossdesk/service-kit';
import { LRUCache } from 'lru-cache';
import type { WebhookTarget } from '../account/account-directory.ts';
import { touchAccounts } from '../account/account.store.ts';
import type { Trx } from '../db.ts';
import type { IngestDeps } from '../deps.ts';
import type { WebhookAddressId } from '../ids.ts';
import { countIgnored, type Ignored } from '../raw/ignored.store.ts';
import { insertParked } from '../raw/parked.store.ts';
import { deleteRefusals } from '../account/refusal.store.ts';
import { findOtherBodies, insertReceipts } from '../raw/raw.store.ts';
import type { ReadDelivery } from './read-delivery.ts';

/** A signed delivery, parsed or not. */
export interface Delivery {
  readonly target: WebhookTarget;
  readonly method: HttpMethod;
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly rawBody: Uint8Array;
  readonly receivedAt: Date;
  /** The trace of the request that brought it; null while nothing is traced. */
  readonly traceparent: string | null;
  readonly read: ReadDelivery;
}

export type Committed = 'stored' | 'parked';

interface Waiting {
  readonly delivery: Delivery;
  readonly resolve: (outcome: Committed) => void;
  readonly reject: (error: unknown) => void;
}

export interface GroupCommit {
  /** Resolves when the delivery is committed: only then may it be acknowledged. Rejects when it is not. */
  accept(delivery: Delivery): Promise<Committed>;
  /** Resolves when everything that was accepted is committed or refused. */
  drain(): Promise<void>;
}

const ignoredEvents = declareCounter<'channel' | 'reason'>('ingest', {
  name: 'crossdesk_ignored_events_total',
  help: 'Valid parts of deliveries that are shown nowhere: see the query ignoredEvents',
  labelNames: ['channel', 'reason'],
});

const groupSizeMax = 200;
/** Bodies of one group: their facts and events are in memory together. A larger body is a group of its own. */
const groupBytesMax = 2 * 1024 * 1024;
const groupsAtOnceMax = 4;
/** With this many waiting a second commit beside the first is worthwhile. */
const groupSizeMin = 24;
/** A commit that takes longer is waiting for a lock: the others must not wait for it. */
const patienceMs = 100;
const touchEveryMs = 10_000;

/**
 * Commits deliveries that arrive together in one transaction. Deliveries that arrive during a commit become the next
 * group, so a single delivery never waits for others to arrive. If a group fails, each of its deliveries gets a
 * transaction of its own. A delivery that fails alone, although the database works, would fail again however often the
 * platform repeats it: it is parked.
 */
export function createGroupCommit(deps: IngestDeps): GroupCommit {
  let waiting: Waiting[] = [];
  const underWay = new Set<Promise<void>>();
  let isScheduled = false;
  let begunAt = 0;
  const touch = createTouch(deps);

  async function commit(group: readonly Waiting[]): Promise<void> {
    try {
      crashPoint('webhook-verified', 'ingest');
      const ignored = await deps.runtime.db.asWorker((trx) =>
        storeDeliveries(
          deps,
          trx,
          group.map(({ delivery }) => delivery),
        ),
      );
      crashPoint('webhook-committed', 'ingest');
      for (const { channel, reason } of ignored) ignoredEvents(deps.runtime.metrics).inc({ channel, reason });
      group.forEach(({ delivery, resolve }) => resolve(delivery.read.problems.length === 0 ? 'stored' : 'parked'));
      await touch(group);
    } catch (error) {
      if (group.length > 1) for (const one of group) await commit([one]);
      else
        for (const { delivery, resolve, reject } of group)
          await park(deps, delivery, error).then(() => resolve('parked'), reject);
    }
  }

  /**
   * Usually one commit at a time, because two small ones take as long as one large one. With enough deliveries waiting
   * a second one runs beside the first, so that this process continues to read while Postgres writes (measured: 0.66 to
   * 0.8 times the rate of a bare receiver).
   */
  function mayBegin(): boolean {
    if (underWay.size === 0) return true;
    if (underWay.size === groupsAtOnceMax) return false;
    if (underWay.size === 1 && waiting.length >= groupSizeMin) return true;
    return performance.now() - begunAt > patienceMs;
  }

  function begin(): void {
    isScheduled = false;
    while (waiting.length > 0 && mayBegin()) {
      begunAt = performance.now();
      const size = sizeOfGroup(waiting);
      const group = waiting.slice(0, size);
      waiting = waiting.slice(size);
      const job = commit(group).finally(() => {
        underWay.delete(job);
        begin();
      });
      underWay.add(job);
    }
  }

  return {
    accept: (delivery) =>
      new Promise((resolve, reject) => {
        waiting.push({ delivery, resolve, reject });
        // Runs after all ready sockets have been read, so that deliveries that arrive together are committed together.
        if (!isScheduled) setImmediate(begin);
        isScheduled = true;
      }),
    drain: async () => {
      while (waiting.length > 0 || underWay.size > 0) {
        begin();
        await Promise.all(underWay);
      }
    },
  };
}

/** Stores a delivery that could not be recorded, for a replay. @throws the cause if the database is in trouble */
async function park(deps: IngestDeps, delivery: Delivery, cause: unknown): Promise<void> {
  if (isDatabaseTrouble(cause)) throw cause;
  deps.runtime.log.error({ err: cause, addressId: delivery.target.addressId }, 'delivery not recorded: parked');
  const read = {
    ...delivery.read,
    facts: [],
    ignored: [],
    problems: [{ at: '', reason: 'recording it failed: see the log of ingest' }],
  };
  await deps.runtime.db.asWorker((trx) => storeDeliveries(deps, trx, [{ ...delivery, read }]));
}

/** That an address and its accounts heard from their platform is written at most every ten seconds, not with every group. */
function createTouch({ runtime: { db, clock } }: IngestDeps): (group: readonly Waiting[]) => Promise<void> {
  const touched = { accounts: notLately<ChannelAccountId>(), addresses: notLately<WebhookAddressId>() };
  return async (group) => {
    const accounts = touched.accounts(
      group.flatMap(({ delivery }) => delivery.read.facts.map(({ account }) => account.id)),
    );
    const addresses = touched.addresses(group.map(({ delivery }) => delivery.target.addressId));
    if (accounts.length + addresses.length === 0) return;
    await db.asWorker(async (trx) => {
      if (accounts.length > 0) await touchAccounts(trx, accounts, clock.now());
      await deleteRefusals(trx, addresses);
    });
  };
}

/** Keeps those ids that it did not return within the last ten seconds. */
function notLately<Id extends string>(): (ids: readonly Id[]) => Id[] {
  const returnedAt = new LRUCache<Id, true>({ max: 10_000, ttl: touchEveryMs });
  return (ids) => {
    const fresh = [...new Set(ids)].filter((id) => !returnedAt.has(id)).sort();
    fresh.forEach((id) => returnedAt.set(id, true));
    return fresh;
  };
}

/** How many of the waiting deliveries are committed together. */
function sizeOfGroup(waiting: readonly Waiting[]): number {
  let bytes = 0;
  const end = waiting.findIndex(({ delivery }) => (bytes += delivery.rawBody.length) > groupBytesMax);
  return Math.min(groupSizeMax, end === -1 ? waiting.length : Math.max(end, 1));
}

/**
 * Stores deliveries in the transaction: first the bytes, then the facts, at last what is only counted, which it returns.
 * A repeated delivery changes nothing; one with another body is counted.
 */
async function storeDeliveries(
  deps: IngestDeps,
  trx: Trx,
  deliveries: readonly Delivery[],
): Promise<readonly Ignored[]> {
  const received = deliveries.map((delivery) => ({ delivery, rawId: newId() }));
  const fresh = await insertReceipts(trx, received.map(receiptOf));
  const news = received.filter(({ rawId }) => fresh.has(rawId));
  const repeats = received.filter(({ rawId }) => !fresh.has(rawId));
  const otherBodies = await findOtherBodies(trx, repeats.map(receiptOf));
  await insertParked(trx, news.flatMap(parkedOf));
  await deps.intake(
    trx,
    news.flatMap(({ delivery: { read, receivedAt, traceparent }, rawId }) =>
      read.facts.map(({ account, fact }) => ({ account, fact, receivedAt, traceparent, rawId })),
    ),
  );
  const ignored = [
    ...news.flatMap(({ delivery }) => delivery.read.ignored),
    ...repeats.filter(({ rawId }) => otherBodies.has(rawId)).map(({ delivery }) => reusedId(delivery)),
  ];
  await countIgnored(trx, ignored);
  crashPoint('webhook-stored', 'ingest');
  return ignored;
}

function reusedId({ target, read: { facts }, receivedAt }: Delivery): Ignored {
  const { tenantId, addressId, channel } = target;
  const [first] = facts;
  return {
    tenantId,
    addressId: first?.account.id ?? addressId,
    channel,
    kind: first?.fact.type ?? 'delivery',
    reason: 'id_reused',
    at: receivedAt,
  };
}

interface Received {
  readonly delivery: Delivery;
  readonly rawId: string;
}

function receiptOf({ delivery, rawId }: Received) {
  const { target, read, rawBody: body, receivedAt } = delivery;
  const { tenantId, addressId } = target;
  return { tenantId, addressId, deliveryKey: read.deliveryKey, rawId, body, receivedAt };
}

function parkedOf({ delivery, rawId }: Received) {
  const { target, read, method, headers, query } = delivery;
  const { tenantId, addressId, channel } = target;
  const shared = { tenantId, addressId, channel, source: 'webhook', rawId, method, headers, query } as const;
  return read.problems.map(({ at, reason, from = 0 }) => ({ ...shared, at, reason, from }));
}
