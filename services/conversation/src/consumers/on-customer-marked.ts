import type { CustomerId, TenantId } from '@crossdesk/contracts';
import { causedByEvent, type Delivered, type ServiceRuntime } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import { lookAgainAtThese } from '../clock/state.store.ts';
import { touched } from '../conversation/conversation.domain.ts';
import { conversationChanged } from '../conversation/conversation.events.ts';
import { aggregateOf, type ConversationKey, keyText, lockConversations } from '../conversation/conversation.store.ts';
import { saveChanges } from '../conversation/save-changes.ts';
import { areSameMarks, type CustomerTag, unmarked } from '../customer-mark/customer-mark.domain.ts';
import {
  conversationsToMark,
  customerKey,
  holdLinks,
  marksOfCustomers,
  saveMarks,
  workOfCustomers,
} from '../customer-mark/customer-mark.store.ts';
import type { DB } from '../db.ts';
import { placeTheseAgain } from '../queue/queue.store.ts';
import { lookAfter } from '../queue/router-signal.ts';

type Deps = Pick<ServiceRuntime<DB>, 'outbox' | 'clock'>;
type Linked = Delivered<'crm.conversation-linked'>;

interface Marked extends ConversationKey {
  readonly cause: Linked | Delivered<'crm.customer-changed'>;
}

/**
 * Keeps the tags and the tier of customers beside their conversations; of several events for one customer the last one
 * counts. What is not closed and has other marks now is looked at anew.
 */
export async function takeMarks(
  deps: Deps,
  trx: Transaction<DB>,
  events: readonly Delivered<'crm.customer-changed'>[],
): Promise<void> {
  const latest = new Map(
    events.map((cause) => {
      const { tenantId, data } = cause.event;
      const key = { tenantId, customerId: data.customerId };
      return [
        customerKey(key),
        { ...key, cause, marks: { tags: data.tagged ?? data.tags.map(ofUnknown), tier: data.tier } },
      ] as const;
    }),
  );
  const told = [...latest.values()];
  await holdLinks(
    trx,
    told.map((one) => one.tenantId),
  );
  const before = await marksOfCustomers(trx, told);
  await saveMarks(trx, told);
  const others = told.filter((one) => !areSameMarks(before.get(customerKey(one)) ?? unmarked, one.marks));
  const work = await workOfCustomers(trx, others);
  await lookAnew(
    deps,
    trx,
    work.flatMap(({ tenantId, id, customerId }) => {
      const cause = latest.get(customerKey({ tenantId, customerId }))?.cause;
      return cause === undefined ? [] : [{ tenantId, id, cause }];
    }),
  );
}

/** An older event does not say who gave a tag. */
function ofUnknown(tag: string): CustomerTag {
  return { tag, name: tag, agentId: null, ruleId: null, reason: null };
}

/** The conversations that get a customer with other marks: ask before the customers are saved. */
export async function markedByLinks(trx: Transaction<DB>, events: readonly Linked[]): Promise<Marked[]> {
  const latest = new Map(
    events.map((cause) => {
      const { tenantId, data } = cause.event;
      const { conversationId: id, customerId }: { conversationId: ConversationKey['id']; customerId: CustomerId } =
        data;
      return [keyText({ tenantId, id }), { tenantId, id, customerId, cause }] as const;
    }),
  );
  const marked = await conversationsToMark(trx, [...latest.values()]);
  return [...latest.values()].filter((one) => marked.has(keyText(one)));
}

/**
 * Conversations whose customers have other marks: what waits in the queue is placed anew, and the clocks of service levels
 * run by what applies now. What somebody has stays with them. Each is told once.
 */
export async function lookAnew(deps: Deps, trx: Transaction<DB>, marked: readonly Marked[]): Promise<void> {
  if (marked.length === 0) return;
  const locked = await lockConversations(trx, marked);
  const changes = marked.flatMap(({ cause, ...key }) => {
    const before = locked.get(keyText(key));
    if (before === undefined || before.joinedInto !== null) return [];
    const after = touched(before);
    const told = { aggregate: aggregateOf(after), conversation: after, origin: causedByEvent(cause) };
    return [{ before, after, events: [conversationChanged(told, 'customer-marked', before.state)] }];
  });
  await saveChanges(deps, trx, changes);
  const now = deps.clock.now();
  const keys = changes.map(({ after }): { tenantId: TenantId; id: ConversationKey['id'] } => after);
  await placeTheseAgain(trx, keys, now);
  lookAfter(trx, deps.outbox);
  await lookAgainAtThese(trx, keys, now);
}
