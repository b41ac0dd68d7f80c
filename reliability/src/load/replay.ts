import { newId } from '@crossdesk/contracts';
import type { Workspace } from '@crossdesk/standalone/support/workspace.ts';
import { insist } from '../system/insist.ts';

const consumerOf = {
  Ingest: 'ingest.replies',
  Conversation: 'conversation.inbox',
  Crm: 'crm.links',
  Automation: 'automation.language',
  Analytics: 'analytics.inbox',
} as const;

/** A supervisor replays a key in every service under which nothing is parked. Each service writes an audit entry. */
export async function replayNothing({ supervisor }: Workspace): Promise<void> {
  for (const [service, consumer] of Object.entries(consumerOf)) {
    const mutation = `mutation($input: ReplayDeadLettersInput!) {
      replay${service}DeadLetters(input: $input) { remainingCount } }`;
    await insist(() => supervisor.ask(mutation, { input: { consumer, key: newId() } }));
  }
}
