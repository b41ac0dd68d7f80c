import type { Api } from '@crossdesk/standalone/support/api.ts';
import type { Workspace } from '@crossdesk/standalone/support/workspace.ts';
import type { History } from '../history.ts';
import { insist } from '../system/insist.ts';

const rounds = 10;
const unassigned = `{ conversations(first: 50, filter: { states: [UNREAD, PENDING] }) { edges { node { id assignee { id } } } } }`;
const claimConversation = `mutation($input: ClaimConversationInput!) {
  claimConversation(input: $input) { conversation { assignee { id } } errors { code } } }`;

/** Everybody takes the same conversation at once, again and again. */
export async function claim(workspace: Workspace, history: History, random: (below: number) => number): Promise<void> {
  const people = (['admin', 'supervisor', 'agent'] as const).map((role) => ({
    agentId: workspace.agentIds[role],
    api: workspace[role],
  }));
  for (let n = 0; n < rounds; n += 1) {
    const free = await insist(() => freeOnes(workspace.agent));
    const conversationId = free[random(free.length)];
    if (conversationId !== undefined)
      await Promise.all(people.map((person) => claimOne(person, history, conversationId)));
  }
}

async function freeOnes(agent: Api): Promise<string[]> {
  type Row = { id: string; assignee: unknown };
  const answer = await agent.ask<{ conversations: { edges: { node: Row }[] } }>(unassigned);
  return answer.conversations.edges.flatMap(({ node }) => (node.assignee === null ? [node.id] : []));
}

async function claimOne(
  { agentId, api }: { readonly agentId: string; readonly api: Api },
  history: History,
  conversationId: string,
): Promise<void> {
  await insist(async () => {
    type Claimed = { claimConversation: { errors: { code: string }[] } };
    const { claimConversation: claimed } = await api.ask<Claimed>(claimConversation, { input: { conversationId } });
    const isTheirs = claimed.errors.length === 0;
    history.add({ op: 'claim', conversationId, agentId, isTheirs });
  });
}
