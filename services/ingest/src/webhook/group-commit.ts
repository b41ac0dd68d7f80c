import { newId } from '@crossdesk/contracts';
import { crashPoint } from '@crossdesk/service-kit';
import { createHash } from 'node:crypto';
import type { ChannelAccount, ParsedDelivery } from '../channel/channel.port.ts';
import type { IngestDeps, Trx } from '../deps.ts';
import { insertParked, insertReceipts, type ReceiptToInsert, touchAccounts } from './receipt.store.ts';
import { recordFacts } from './record-facts.ts';

/** A signed delivery, understood or not. */
export interface Delivery {
  readonly account: ChannelAccount;
  readonly rawBody: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  readonly receivedAt: Date;
  /** Of the request that brought it; null while nothing is traced. */
  readonly traceparent: string | null;
  readonly content:
    { readonly ok: true; readonly parsed: ParsedDelivery } | { readonly ok: false; readonly reason: string };
}

interface Waiting {
  readonly delivery: Delivery;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export interface GroupCommit {
  /** Resolves when the delivery is committed: only then may it be acknowledged. Rejects when it is not. */
  accept(delivery: Delivery): Promise<void>;
  /** Resolves when everything that was accepted is committed or refused. */
  drain(): Promise<void>;
}

const groupSizeMax = 200;
const groupsAtOnceMax = 4;
/** So many that wait are worth a second commit beside the first. */
const groupSizeMin = 24;
/** A commit that takes longer waits for a lock: the others must not wait with it. */
const patienceMs = 100;
const touchEveryMs = 10_000;

/**
 * Commits deliveries that arrive together in one transaction: what waits while one commit is under way becomes the next
 * group, so a single delivery never waits for company. If a group fails, each of it gets a transaction of its own.
 */
export function createGroupCommit(deps: IngestDeps): GroupCommit {
  let waiting: Waiting[] = [];
  const underWay = new Set<Promise<void>>();
  let isScheduled = false;
  let begunAt = 0;
  const touchedAt = new Map<string, number>();

  async function commit(group: readonly Waiting[]): Promise<void> {
    try {
      crashPoint('webhook-verified', 'ingest');
      await deps.runtime.db.asWorker((trx) =>
        storeDeliveries(
          deps,
          trx,
          group.map(({ delivery }) => delivery),
        ),
      );
      crashPoint('webhook-committed', 'ingest');
      group.forEach(({ resolve }) => resolve());
      await touch(group);
    } catch (error) {
      if (group.length === 1) group.forEach(({ reject }) => reject(error));
      else for (const one of group) await commit([one]);
    }
    deps.runtime.outbox.nudge();
  }

  /** When an account last heard from its platform is worth a write every ten seconds, not one a group. */
  async function touch(group: readonly Waiting[]): Promise<void> {
    const now = performance.now();
    const ids = [...new Set(group.map(({ delivery }) => delivery.account.id))]
      .filter((id) => now - (touchedAt.get(id) ?? -Infinity) > touchEveryMs)
      .sort();
    if (ids.length === 0) return;
    ids.forEach((id) => touchedAt.set(id, now));
    await deps.runtime.db.asWorker((trx) => touchAccounts(trx, ids, deps.runtime.clock.now()));
  }

  /**
   * One commit at a time as a rule: two small ones take as long as one large one. With enough waiting a second one runs
   * beside the first, so that this process reads on while Postgres writes (measured: 0.66 to 0.8 times a bare receiver).
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
      const group = waiting.slice(0, groupSizeMax);
      waiting = waiting.slice(groupSizeMax);
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
        // After the sockets that are ready have been read: what came together is committed together.
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

/** Stores deliveries in the transaction: bytes first, then what they tell. A repeated delivery changes nothing. */
async function storeDeliveries(deps: IngestDeps, trx: Trx, deliveries: readonly Delivery[]): Promise<void> {
  const received = deliveries.map((delivery) => ({ delivery, receipt: receiptOf(delivery) }));
  const fresh = await insertReceipts(
    trx,
    received.map(({ receipt }) => receipt),
  );
  const news = received.filter(({ receipt }) => fresh.has(receipt.rawId));
  await insertParked(
    trx,
    news.flatMap(({ delivery: { account, headers, content }, receipt }) =>
      content.ok
        ? []
        : [
            {
              tenantId: account.tenantId,
              accountId: account.id,
              rawId: receipt.rawId,
              headers,
              reason: content.reason,
            },
          ],
    ),
  );
  const facts = news.flatMap(({ delivery: { account, content, receivedAt, traceparent }, receipt: { rawId } }) =>
    content.ok ? content.parsed.facts.map((fact) => ({ account, fact, receivedAt, traceparent, rawId })) : [],
  );
  await recordFacts(deps, trx, facts);
  crashPoint('webhook-stored', 'ingest');
}

function receiptOf({ account, rawBody, receivedAt, content }: Delivery): ReceiptToInsert {
  const deliveryKey = content.ok
    ? content.parsed.deliveryKey
    : `unparsable ${createHash('sha256').update(rawBody).digest('hex')}`;
  return { tenantId: account.tenantId, accountId: account.id, deliveryKey, rawId: newId(), body: rawBody, receivedAt };
}
