import { sql } from 'kysely';
import * as original from '../../../../services/conversation/src/routing/claim.commands.ts';

export * from '../../../../services/conversation/src/routing/claim.commands.ts';

/** Whoever takes a conversation gets it, whoever has it. */
export const claimConversation: typeof original.claimConversation = async (deps, call, input) => {
  const { tenantId } = call.actor;
  await sql`update conversation set assignee_id = null
    where tenant_id = ${tenantId} and id = ${input.conversationId}`.execute(call.trx);
  return original.claimConversation(deps, call, input);
};
