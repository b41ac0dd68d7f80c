import type { ConversationId } from '@crossdesk/contracts';
import {
  changed,
  type CommandCall,
  liftLimits,
  type Outcome,
  refuse,
  type ServiceRuntime,
  unchanged,
} from '@crossdesk/service-kit';
import type { DB } from '../db.ts';
import { relinkAsked } from '../link/relink.commands.ts';
import { visibleLinks } from './quality.store.ts';

const conversationsMax = 100;

/** Derives the links of conversations again and says how many changed. Those that the caller does not see are left out. */
export async function relinkConversations(
  deps: Pick<ServiceRuntime<DB>, 'outbox' | 'clock'>,
  { trx, actor: { tenantId }, origin }: CommandCall<DB>,
  ids: readonly ConversationId[],
): Promise<Outcome<number, 'INVALID_INPUT'>> {
  if (ids.length === 0 || ids.length > conversationsMax)
    return refuse('INVALID_INPUT', 'conversationIds', `Name 1 to ${conversationsMax} conversations.`);
  const visible = await visibleLinks(trx, tenantId, ids);
  const [first] = visible;
  if (first === undefined) return unchanged(0);
  // A link depends on everything that is stored of the buyer.
  await liftLimits(trx);
  const conversations = visible.map((conversationId) => ({ tenantId, conversationId }));
  return changed(await relinkAsked(deps, trx, conversations, origin), first);
}
