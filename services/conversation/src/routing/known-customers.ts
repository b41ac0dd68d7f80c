import type { ConversationId, TenantId } from '@crossdesk/contracts';
import type { Transaction } from 'kysely';
import type { Conversation } from '../conversation/conversation.domain.ts';
import { customersOf } from '../conversation/conversation-customer.store.ts';
import { asksMarks, type CustomerMarks, unmarked } from '../customer-mark/customer-mark.domain.ts';
import { marksOfConversations } from '../customer-mark/customer-mark.store.ts';
import type { DB } from '../db.ts';
import type { QueueEntry } from './queue-entry.store.ts';
import type { RoutingRule } from './routing-rules.domain.ts';

/** What rules are told of the customers of conversations. */
export interface KnownCustomers {
  marksOf(id: ConversationId): CustomerMarks;
  /** A rule asks for the customer, and nobody has told yet who that is. */
  isAwaited(id: ConversationId): boolean;
}

const notAsked: KnownCustomers = { marksOf: () => unmarked, isAwaited: () => false };

/** Reads nothing for a workspace whose rules do not ask for customers. */
export async function knownCustomers(
  trx: Transaction<DB>,
  tenantId: TenantId,
  rules: readonly RoutingRule[],
  ids: readonly ConversationId[],
): Promise<KnownCustomers> {
  if (!rules.some(asksMarks)) return notAsked;
  const customers = await customersOf(trx, tenantId, ids);
  const marks = await marksOfConversations(trx, tenantId, ids);
  return { marksOf: (id) => marks.get(id) ?? unmarked, isAwaited: (id) => !customers.has(id) };
}

/** By which rule the queue chose the team of a conversation; null: somebody else did, or nobody. */
export function chosenBy(
  { is_team_chosen: isChosen, team_id: teamId, rule }: QueueEntry,
  conversation: Pick<Conversation, 'teamId'>,
): { readonly rule: string | null } | null {
  return isChosen && teamId !== null && teamId === conversation.teamId ? { rule } : null;
}
