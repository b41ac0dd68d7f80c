import type { Api } from '@crossdesk/standalone/support/api.ts';
import type { Workspace } from '@crossdesk/standalone/support/workspace.ts';
import { setTimeout as pause } from 'node:timers/promises';
import type { History } from '../history.ts';
import { insist } from '../system/insist.ts';

export interface ReplyOptions {
  readonly random: (below: number) => number;
  readonly seed: number;
  readonly replies: number;
  /** The number of this person among those of the workspace. */
  readonly hand: number;
}

const pauseMs = 25;
const twiceAtOncePercent = 30;

const listed = `{ conversations(first: 100) { edges { node { id } } } }`;
const sendMessage = `mutation($input: SendMessageInput!) {
  sendMessage(input: $input) { message { id } errors { code } } }`;

/** An agent answers conversations at random. Each reply has its own key, which they repeat until there is an answer. */
export async function reply(workspace: Workspace, history: History, options: ReplyOptions): Promise<void> {
  const { random } = options;
  let conversations: string[] = [];
  for (let n = 0; n < options.replies; n += 1) {
    if (n % 20 === 0) conversations = await insist(() => conversationsOf(workspace.agent));
    const conversationId = conversations[random(conversations.length)] ?? '';
    const text = `answer ${workspace.slug} ${options.seed} ${options.hand} ${n}`;
    const times = random(100) < twiceAtOncePercent ? 2 : 1;
    await Promise.all(
      Array.from({ length: times }, () => send(workspace.agent, history, { clientKey: text, text, conversationId })),
    );
    await pause(pauseMs);
  }
}

async function conversationsOf(agent: Api): Promise<string[]> {
  const { conversations } = await agent.ask<{ conversations: { edges: { node: { id: string } }[] } }>(listed);
  if (conversations.edges.length === 0) throw new Error('nobody has written yet');
  return conversations.edges.map(({ node }) => node.id);
}

async function send(
  agent: Api,
  history: History,
  reply: { readonly clientKey: string; readonly text: string; readonly conversationId: string },
): Promise<void> {
  const { clientKey, text, conversationId } = reply;
  await insist(async () => {
    history.add({ op: 'reply', phase: 'invoke', messageId: null, ...reply });
    try {
      const input = { clientMutationId: clientKey, conversationId, text };
      const { sendMessage: sent } = await agent.ask<{ sendMessage: { message: { id: string } | null } }>(sendMessage, {
        input,
      });
      if (sent.message === null) throw new Error('the reply was refused');
      history.add({ op: 'reply', phase: 'ok', messageId: sent.message.id, ...reply });
    } catch (error) {
      history.add({ op: 'reply', phase: 'info', messageId: null, ...reply });
      throw error;
    }
  });
}
