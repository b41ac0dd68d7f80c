import { randomUUID } from 'node:crypto';
import type { Api } from './api.ts';
import type { Workspace } from './workspace.ts';

const dayMs = 86_400_000;
const inDays = (days: number) => new Date(Date.now() + days * dayMs).toISOString();

/** Something that the agent has promised to do for a customer. */
export async function followUpOf(
  ws: Workspace,
  customerId: string,
  conversationId: string,
  word: string,
): Promise<string> {
  const input = {
    clientMutationId: randomUUID(),
    customerId,
    conversationId,
    text: `${word} follow-up`,
    dueAt: inDays(1),
  };
  const { createFollowUp } = await ws.agent.ask<{ createFollowUp: { followUp: { id: string } } }>(
    `mutation($input: CreateFollowUpInput!) { createFollowUp(input: $input) { followUp { id } } }`,
    { input },
  );
  return createFollowUp.followUp.id;
}

type Perform = (api: Api, name: string, input: object, selection?: string) => Promise<unknown>;

/** Everything that people do with follow-ups. */
export async function workOnFollowUps(
  { agent, perform }: { readonly agent: Api; readonly perform: Perform },
  conversationId: string,
): Promise<void> {
  const query = `query($id: ID!) { conversation(id: $id) { customer { id } } }`;
  const { conversation } = await agent.ask<{ conversation: { customer: { id: string } } }>(query, {
    id: conversationId,
  });
  const create = async (key: string) => {
    const wish = { clientMutationId: key, customerId: conversation.customer.id, text: 'Ask again', dueAt: inDays(1) };
    const made = await perform(agent, 'createFollowUp', wish, 'followUp { id }');
    return (made as { readonly followUp: { readonly id: string } }).followUp.id;
  };
  const [first, second] = [await create('first'), await create('second')];
  await perform(agent, 'snoozeFollowUp', { followUpId: first, expectedVersion: 1, until: inDays(2) });
  await perform(agent, 'completeFollowUp', { followUpId: first, expectedVersion: 2 });
  await perform(agent, 'cancelFollowUp', { followUpId: second, expectedVersion: 1 });
}
