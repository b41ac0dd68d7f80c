import { type Buyer, type CustomerId, newId, type TenantId } from '@crossdesk/contracts';
import type { Delivered } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import { planCustomers, type Sighting, tenantsOf } from '../customer/customer.domain.ts';
import { carryOut, readKnown } from '../customer/customer.store.ts';
import { identitiesOf } from '../customer/identity.domain.ts';
import type { DB } from '../db.ts';
import { saveMentions } from '../link/link.store.ts';
import { type Mention, ordersNamedIn } from '../link/mention.domain.ts';
import { type Cause, linkedBefore, type LinkDeps, relink } from '../link/relink.commands.ts';
import { revaluePlan } from '../value/stats/revalue-plan.ts';
import { takeTurns } from '../link/turns.store.ts';

export type Inbound = Delivered<'ingest.message-received' | 'ingest.buyer-identified'>;

/** Finds the customer of each conversation and the orders it names, then links it. */
export async function applyInbound(deps: LinkDeps, trx: Transaction<DB>, events: readonly Inbound[]): Promise<void> {
  const sightings = events.map(({ event }) => sightingOf(event));
  const identities = sightings.flatMap((sighting) => sighting.identities);
  const expected = planCustomers(sightings, await readKnown(trx, identities), newId<CustomerId>);
  const alone = tenantsOf(expected);
  const tenantIds = new Set(events.map(({ event }) => event.tenantId));
  await takeTurns(trx, new Map([...tenantIds].map((id) => [id, alone.has(id) ? 'alone' : 'together'])));
  // Read again after locking. Known identities stay known and merged customers stay merged, so a tenant with nothing to
  // write before has nothing to write now either.
  const plan = planCustomers(sightings, await readKnown(trx, identities), newId<CustomerId>);
  const moved = await carryOut(trx, plan);
  const causes = new Map<TenantId, Cause>(events.map((one) => [one.event.tenantId, one]));
  await revaluePlan(deps, trx, plan, causes);
  await saveMentions(
    trx,
    events.flatMap(({ event }) => mentionsOf(event)),
  );
  const touched = events.map(({ event: { tenantId, data } }) => ({
    tenantId,
    conversationId: data.conversationId,
    accountId: data.accountId,
  }));
  await relink(deps, trx, [...touched, ...moved.map(linkedBefore)], {
    ofConversation: new Map(events.map((one) => [`${one.event.tenantId} ${one.event.data.conversationId}`, one])),
    ofTenant: causes,
  });
}

function sightingOf({ tenantId, occurredAt, data }: Inbound['event']): Sighting {
  const { accountId, conversationId, buyer } = data;
  const seenAt = new Date(occurredAt);
  return {
    tenantId,
    identities: identitiesOf(tenantId, accountId, conversationId, buyer),
    profile: { ...namesOf(buyer), profiledAt: seenAt, firstSeenAt: seenAt },
  };
}

function namesOf({ name, locale, avatarUrl }: Buyer) {
  return { displayName: name, locale, avatarUrl };
}

function mentionsOf(event: Inbound['event']): Mention[] {
  const { tenantId, occurredAt, data } = event;
  const { conversationId, accountId, buyer } = data;
  const common = { tenantId, conversationId, accountId, mentionedAt: new Date(occurredAt) };
  const orders = event.type === 'ingest.message-received' ? ordersNamedIn(event.data) : [];
  const named = orders.map((order) => ({ ...common, ...order }));
  return buyer.commerceId === null ? named : [...named, { ...common, kind: 'buyer', token: buyer.commerceId }];
}
