import type { TenantId } from '@crossdesk/contracts';
import {
  type AnyEventDraft,
  causedByEvent,
  type Clock,
  lockedAggregate,
  type Origin,
  type Outbox,
} from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import type { DB } from '../db.ts';
import { type ChangedLink, type ConversationKey, deriveLinks, type LinkToMake, lockLinks } from './link.store.ts';
import { noteRelinked } from './relinked.store.ts';
import { takeTurns } from './turns.store.ts';

export interface LinkDeps {
  readonly outbox: Pick<Outbox, 'append'>;
  readonly clock: Clock;
}

export type Cause = Parameters<typeof causedByEvent>[0];

/** The events that cause links to be derived again: by conversation if the event is about one, else by tenant. */
export interface Causes {
  readonly ofConversation: ReadonlyMap<string, Cause>;
  readonly ofTenant: ReadonlyMap<TenantId, Cause>;
}

/** A conversation whose link was made when its first message came. */
export function linkedBefore(conversation: ConversationKey): LinkToMake {
  return { ...conversation, accountId: null };
}

/** Derives the links of the conversations again and publishes those that changed. */
export async function relink(
  { outbox, clock }: LinkDeps,
  trx: Transaction<DB>,
  conversations: readonly LinkToMake[],
  causes: Causes,
): Promise<void> {
  if (conversations.length === 0) return;
  const now = clock.now();
  await lockLinks(trx, conversations, now);
  const changed = await deriveLinks(trx, conversations, now);
  await noteRelinked(trx, changed);
  await outbox.append(
    trx,
    changed.flatMap((link) => {
      const origin = originOf(link, causes);
      return origin === null ? [] : [draftOf(link, origin)];
    }),
  );
}

/** Derives the links of conversations of one workspace again because somebody asked for it; how many changed. */
export async function relinkAsked(
  deps: LinkDeps,
  trx: Transaction<DB>,
  conversations: readonly ConversationKey[],
  origin: Origin,
): Promise<number> {
  await takeTurns(trx, new Map(conversations.map(({ tenantId }) => [tenantId, 'together'])));
  return relinkNow(deps, trx, conversations, origin);
}

/** Derives the links of conversations again; who calls it has a turn. How many changed. */
export async function relinkNow(
  { outbox, clock }: LinkDeps,
  trx: Transaction<DB>,
  conversations: readonly ConversationKey[],
  origin: Origin,
): Promise<number> {
  if (conversations.length === 0) return 0;
  const now = clock.now();
  await lockLinks(trx, conversations.map(linkedBefore), now);
  const changed = await deriveLinks(trx, conversations, now);
  await noteRelinked(trx, changed);
  await outbox.append(
    trx,
    changed.map((link) => draftOf(link, origin)),
  );
  return changed.length;
}

function originOf({ tenantId, conversationId }: ChangedLink, { ofConversation, ofTenant }: Causes): Origin | null {
  const cause = ofConversation.get(`${tenantId} ${conversationId}`) ?? ofTenant.get(tenantId);
  return cause === undefined ? null : causedByEvent(cause, { kind: 'system', id: null });
}

function draftOf(link: ChangedLink, origin: Origin): AnyEventDraft {
  const { tenantId, conversationId, customerId, orderId, confidence, reason, version } = link;
  const order = orderId === null || confidence === null || reason === null ? null : { orderId, confidence, reason };
  return {
    aggregate: lockedAggregate({ tenantId, id: conversationId, version }),
    type: 'crm.conversation-linked',
    data: { conversationId, customerId, order },
    origin,
  };
}
