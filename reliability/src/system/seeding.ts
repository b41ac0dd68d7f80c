import { type ConversationService, openConversation } from '@crossdesk/conversation';
import { type Broker, createLog, systemClock } from '@crossdesk/service-kit';
import { keys } from './place.ts';

/** Opens the conversation service without starting it, to make further workspaces: the API makes only the first one. */
export async function withSeeding<Result>(
  { databaseUrl, broker }: { readonly databaseUrl: string; readonly broker: Broker },
  work: (conversation: ConversationService) => Promise<Result>,
): Promise<Result> {
  const log = createLog('reliability', 'silent');
  const seeding = await openConversation(
    { databaseUrl, keys, broker, log, clock: systemClock, outboxKeptMonths: null },
    { issuer: 'reliability', audience: 'reliability', setupCode: '' },
  );
  try {
    return await work(seeding);
  } finally {
    await seeding.stop(5_000);
  }
}
