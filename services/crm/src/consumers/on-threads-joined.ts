import type { TenantId } from '@crossdesk/contracts';
import { causedByEvent, type Delivered } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import type { DB } from '../db.ts';
import { regroup } from '../identity/regroup.commands.ts';
import { passThreadOn } from '../identity/sighting.store.ts';
import { moveLink } from '../link/link.store.ts';
import { type Cause, type LinkDeps, relink } from '../link/relink.commands.ts';
import { takeTurns } from '../link/turns.store.ts';

type Joined = Delivered<'ingest.threads-joined'>;

/** The buyers of two conversations that turned out to be one are one, and the mentions of both are of one. */
export async function applyJoins(deps: LinkDeps, trx: Transaction<DB>, joined: readonly Joined[]): Promise<void> {
  await takeTurns(trx, new Map(joined.map(({ event }) => [event.tenantId, 'alone'])));
  for (const one of joined) {
    const { tenantId, data } = one.event;
    const { conversationId: from, intoConversationId: into, accountId } = data;
    const seeds = await passThreadOn(trx, tenantId, { from, into });
    const origin = causedByEvent(one, { kind: 'system', id: null });
    if (seeds.length > 0) await regroup(deps, trx, { tenantId, seeds }, origin);
    await moveLink(trx, { tenantId, from, into });
    await relink(deps, trx, [{ tenantId, conversationId: into, accountId }], {
      ofConversation: new Map(),
      ofTenant: new Map<TenantId, Cause>([[tenantId, one]]),
    });
  }
}
