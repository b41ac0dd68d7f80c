import { type ConversationService, openConversation } from '@crossdesk/conversation';
import { type Broker, createLog, systemClock } from '@crossdesk/service-kit';
import { master } from './place.ts';

/** Makes workspaces beyond the first, which the API does not: seeded as the demo does it, without being started. */
export async function withSeeding<Result>(
  { databaseUrl, broker }: { readonly databaseUrl: string; readonly broker: Broker },
  work: (conversation: ConversationService) => Promise<Result>,
): Promise<Result> {
  const log = createLog('reliability', 'silent');
  const seeding = await openConversation(
    { databaseUrl, master, broker, log, clock: systemClock, outboxKeptMonths: null },
    { issuer: 'reliability', audience: 'reliability', setupCode: '' },
  );
  try {
    return await work(seeding);
  } finally {
    await seeding.stop(5_000);
  }
}
