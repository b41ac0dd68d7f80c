import { type ConversationId, type CustomerId, newId, type TenantId } from '@crossdesk/contracts';
import type { Delivered } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import { planCustomers, type Sighting } from '../customer/customer.domain.ts';
import { carryOut, readKnown } from '../customer/customer.store.ts';
import type { DB } from '../db.ts';
import { moveLink } from '../link/link.store.ts';
import { type Cause, linkedBefore, type LinkDeps, relink } from '../link/relink.commands.ts';
import { revaluePlan } from '../value/stats/revalue-plan.ts';
import { takeTurns } from '../link/turns.store.ts';

type Joined = Delivered<'ingest.threads-joined'>;

/** The customers of two conversations that turned out to be one are one, and the mentions of both are of one. */
export async function applyJoins(deps: LinkDeps, trx: Transaction<DB>, joined: readonly Joined[]): Promise<void> {
  await takeTurns(trx, new Map(joined.map(({ event }) => [event.tenantId, 'alone'])));
  for (const one of joined) {
    const { tenantId, data } = one.event;
    const { conversationId: from, intoConversationId: into, accountId } = data;
    const sighting = bothSeen(one, [from, into]);
    const plan = planCustomers([sighting], await readKnown(trx, sighting.identities), newId<CustomerId>);
    const moved = await carryOut(trx, plan);
    await revaluePlan(deps, trx, plan, new Map([[tenantId, one]]));
    await moveLink(trx, { tenantId, from, into });
    const stay = moved.filter(({ conversationId }) => conversationId !== from);
    await relink(deps, trx, [{ tenantId, conversationId: into, accountId }, ...stay.map(linkedBefore)], {
      ofConversation: new Map(),
      ofTenant: new Map<TenantId, Cause>([[tenantId, one]]),
    });
  }
}

/** The event tells nothing about the buyer but that both conversations are theirs. */
function bothSeen({ event: { tenantId, occurredAt } }: Joined, conversationIds: readonly ConversationId[]): Sighting {
  const seenAt = new Date(occurredAt);
  return {
    tenantId,
    identities: conversationIds.map((value) => ({ tenantId, kind: 'conversation', accountId: null, value })),
    profile: { displayName: null, locale: null, avatarUrl: null, profiledAt: new Date(0), firstSeenAt: seenAt },
  };
}
