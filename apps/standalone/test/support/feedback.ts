import { randomUUID } from 'node:crypto';
import type { Api } from './api.ts';
import { followUpOf } from './follow-ups.ts';
import type { Workspace } from './workspace.ts';

/** What a customer said in a conversation, as the agent noted it. */
export async function feedbackOf(ws: Workspace, conversationId: string, word: string): Promise<string> {
  const input = { clientMutationId: randomUUID(), kind: 'SUGGESTION', conversationId, text: `${word} note` };
  const { recordFeedback } = await ws.agent.ask<{ recordFeedback: { feedback: { id: string } } }>(
    `mutation($input: RecordFeedbackInput!) { recordFeedback(input: $input) { feedback { id } } }`,
    { input },
  );
  return recordFeedback.feedback.id;
}

/** What a customer said, and what was promised to them. */
export async function saidAndPromised(ws: Workspace, customerId: string, conversationId: string, word: string) {
  await feedbackOf(ws, conversationId, word);
  await followUpOf(ws, customerId, conversationId, word);
}

type Perform = (api: Api, name: string, input: object, selection?: string) => Promise<unknown>;

/** Everything that people do with feedback. */
export async function workOnFeedback(
  { agent, perform }: { readonly agent: Api; readonly perform: Perform },
  customerId: string,
): Promise<void> {
  const wish = { clientMutationId: 'said', kind: 'SUGGESTION', customerId, text: 'More colours' };
  const made = await perform(agent, 'recordFeedback', wish, 'feedback { id }');
  const { id: feedbackId } = (made as { readonly feedback: { readonly id: string } }).feedback;
  await perform(agent, 'classifyFeedback', { feedbackId, type: 'PRODUCT', urgency: 'LOW', expectedVersion: 1 });
  await perform(agent, 'settleFeedback', { feedbackId, expectedVersion: 2 });
  await perform(agent, 'confirmFeedback', { feedbackId, outcome: 'SATISFIED', expectedVersion: 3 });
}
