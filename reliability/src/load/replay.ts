import { newId } from '@crossdesk/contracts';
import type { Workspace } from '@crossdesk/standalone/support/workspace.ts';
import { insist } from '../system/insist.ts';

const consumers = ['ingest.replies', 'conversation.inbox', 'crm.links', 'automation.language', 'analytics.inbox'];

/** A supervisor replays a key in every service under which nothing is parked. Each service writes an audit entry. */
export async function replayNothing({ supervisor }: Workspace): Promise<void> {
  for (const consumer of consumers) {
    const mutation = `mutation($input: ReplayDeadLettersInput!) {
      replayDeadLetters(input: $input) { remainingCount } }`;
    await insist(() => supervisor.ask(mutation, { input: { consumer, key: newId() } }));
  }
}
