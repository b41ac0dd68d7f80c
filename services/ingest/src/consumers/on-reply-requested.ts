import { causedByEvent, type ConsumerSpec, type Delivered, PermanentError, runsUntil } from '@crossdesk/service-kit';
import { type AccountRow, findAccounts } from '../account/account.store.ts';
import { findImpediment, type Impediment } from '../delivery/delivery.domain.ts';
import { insertIntents } from '../delivery/delivery.store.ts';
import { reportDelivery } from '../delivery/report-delivery.ts';
import type { IngestDeps, Tables, Trx } from '../deps.ts';
import { letErase } from '../erasure/erasure.store.ts';
import { fingerprintOf } from '../inbound/fingerprint.ts';

type Consumed = 'conversation.reply-requested' | 'conversation.buyer-erased';
type Requested = Delivered<'conversation.reply-requested'>;

/** Every reply that somebody wants delivered becomes a durable intent; the sender takes it from there. */
export function onReplyRequested(deps: IngestDeps, nudgeSender: () => void): ConsumerSpec<Tables, Consumed> {
  return {
    name: 'ingest.replies',
    topics: ['conversation.conversation'],
    types: ['conversation.reply-requested', 'conversation.buyer-erased'],
    handle: async (trx, events) => {
      for (const run of runsUntil(events, 'conversation.buyer-erased')) {
        await takeRequests(deps, trx, run.filter(isRequest));
        for (const { event } of run)
          if (event.type === 'conversation.buyer-erased')
            await letErase(trx, { ...event.data, tenantId: event.tenantId });
      }
      nudgeSender();
    },
  };
}

function isRequest(delivered: Delivered<Consumed>): delivered is Requested & Delivered<Consumed> {
  return delivered.event.type === 'conversation.reply-requested';
}

async function takeRequests(deps: IngestDeps, trx: Trx, requests: readonly Requested[]): Promise<void> {
  if (requests.length === 0) return;
  const accounts = await accountsOf(trx, requests);
  const intents = requests.map((request) => ({ request, impediment: impedimentOf(deps, accounts, request) }));
  await insertIntents(
    trx,
    intents.map(({ request }) => toIntent(request)),
  );
  for (const { request, impediment } of intents) if (impediment !== null) await refuse(deps, trx, request, impediment);
}

async function accountsOf(trx: Trx, requests: readonly Requested[]): Promise<Map<string, AccountRow>> {
  const byTenant = new Map<string, Requested[]>();
  for (const request of requests)
    byTenant.set(request.event.tenantId, [...(byTenant.get(request.event.tenantId) ?? []), request]);
  const accounts = new Map<string, AccountRow>();
  for (const group of byTenant.values()) {
    const [first] = group;
    if (first === undefined) continue;
    const ids = [...new Set(group.map(({ event }) => event.data.accountId))];
    for (const row of await findAccounts(trx, first.event.tenantId, ids)) accounts.set(row.id, row);
  }
  return accounts;
}

function impedimentOf(
  deps: IngestDeps,
  accounts: ReadonlyMap<string, AccountRow>,
  { event }: Requested,
): Impediment | null {
  const { accountId, content, lastInboundAt } = event.data;
  const account = accounts.get(accountId);
  if (account === undefined) throw new PermanentError('the reply names a channel account that does not exist');
  const reply = { content, lastInboundAt: lastInboundAt === null ? null : new Date(lastInboundAt) };
  return findImpediment(deps.adapters[account.channel].capabilities, account, reply, deps.runtime.clock.now());
}

function toIntent({ event: { tenantId, data }, traceparent }: Requested) {
  return {
    tenantId,
    messageId: data.messageId,
    conversationId: data.conversationId,
    accountId: data.accountId,
    content: data.content,
    fingerprint: fingerprintOf(data.content),
    status: 'queued' as const,
    failure: null,
    detail: null,
    traceparent,
  };
}

/** Refused before anything is sent, with a reason the agent can act on. */
async function refuse(deps: IngestDeps, trx: Trx, request: Requested, { failure, detail }: Impediment): Promise<void> {
  const { tenantId, data } = request.event;
  const key = { tenantId, conversationId: data.conversationId, messageId: data.messageId };
  await reportDelivery(deps, trx, key, { status: 'failed', failure, detail, origin: causedByEvent(request) });
}
