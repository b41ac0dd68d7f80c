import type { Buyer, TenantId } from '@crossdesk/contracts';
import type { Delivered } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import { identitiesOf } from '../customer/identity.domain.ts';
import type { DB } from '../db.ts';
import { applySightings } from '../identity/apply-sightings.ts';
import type { Sighting } from '../identity/sighting.domain.ts';
import { saveMentions } from '../link/link.store.ts';
import { type Mention, ordersNamedIn } from '../link/mention.domain.ts';
import { type Cause, type LinkDeps, relink } from '../link/relink.commands.ts';

export type Inbound = Delivered<'ingest.message-received' | 'ingest.buyer-identified'>;

/** Finds the customer of each conversation and the orders it names, then links it. */
export async function applyInbound(deps: LinkDeps, trx: Transaction<DB>, events: readonly Inbound[]): Promise<void> {
  const sightings = events.map(({ event }) => sightingOf(event));
  const causes = new Map<TenantId, Cause>(events.map((one) => [one.event.tenantId, one]));
  await applySightings(deps, trx, sightings, causes);
  await saveMentions(
    trx,
    events.flatMap(({ event }) => mentionsOf(event)),
  );
  const touched = events.map(({ event: { tenantId, data } }) => ({
    tenantId,
    conversationId: data.conversationId,
    accountId: data.accountId,
  }));
  await relink(deps, trx, touched, {
    ofConversation: new Map(events.map((one) => [`${one.event.tenantId} ${one.event.data.conversationId}`, one])),
    ofTenant: causes,
  });
}

function sightingOf({ tenantId, occurredAt, data }: Inbound['event']): Sighting {
  const { accountId, channel, conversationId, buyer } = data;
  const seenAt = new Date(occurredAt);
  return {
    ...{ tenantId, accountId, channel },
    identities: identitiesOf(tenantId, accountId, conversationId, buyer),
    face: { ...namesOf(buyer), profiledAt: seenAt, firstSeenAt: seenAt },
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
