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
/** One reply in four is sent by template: automation decides it, and the conversation service writes it. */
const templateEvery = 4;

const listed = `{ conversations(first: 100) { edges { node { id } } } }`;
const sendMessage = `mutation($input: SendMessageInput!) {
  sendMessage(input: $input) { message { id } errors { code } } }`;

const upsertTemplate = `mutation($input: UpsertTemplateInput!) {
  upsertTemplate(input: $input) { template { id } errors { code } } }`;
const sendTemplate = `mutation($input: SendTemplateInput!) {
  sendTemplate(input: $input) { decision { id messageId } errors { code } } }`;
const outcomeOf = `query($id: ID!) { automationDecision(id: $id) { outcome code } }`;

/** An agent answers conversations at random. Each reply has its own key, which they repeat until there is an answer. */
export async function reply(workspace: Workspace, history: History, options: ReplyOptions): Promise<void> {
  const { random } = options;
  const templateId = await insist(() => templateOf(workspace.supervisor));
  let conversations: string[] = [];
  for (let n = 0; n < options.replies; n += 1) {
    if (n % 20 === 0) conversations = await insist(() => conversationsOf(workspace.agent));
    const conversationId = conversations[random(conversations.length)] ?? '';
    const text = `answer ${workspace.slug} ${options.seed} ${options.hand} ${n}`;
    const times = random(100) < twiceAtOncePercent ? 2 : 1;
    const wanted = { clientKey: text, text, conversationId };
    const send = n % templateEvery === 0 ? sendByTemplate(templateId) : sendWords;
    await Promise.all(Array.from({ length: times }, () => sendOnce(workspace.agent, history, wanted, send)));
    await pause(pauseMs);
  }
}

async function conversationsOf(agent: Api): Promise<string[]> {
  const { conversations } = await agent.ask<{ conversations: { edges: { node: { id: string } }[] } }>(listed);
  if (conversations.edges.length === 0) throw new Error('nobody has written yet');
  return conversations.edges.map(({ node }) => node.id);
}

/** A template that says what it is given. */
async function templateOf(supervisor: Api): Promise<string> {
  const variables = [{ name: 'words', type: 'TEXT' }];
  const variants = [{ locale: 'en', text: '{words}' }];
  const input = { key: 'says', name: 'Says', situation: 'OTHER', variables, variants };
  type Made = { upsertTemplate: { template: { id: string } | null } };
  const { upsertTemplate: made } = await supervisor.ask<Made>(upsertTemplate, { input });
  if (made.template === null) throw new Error('the template was refused');
  return made.template.id;
}

interface WantedReply {
  readonly clientKey: string;
  readonly text: string;
  readonly conversationId: string;
}

/** Asks for a reply, and resolves with the id of its message; null if it is known that there will be none. */
type Send = (agent: Api, reply: WantedReply) => Promise<string | null>;

const sendWords: Send = async (agent, { clientKey, text, conversationId }) => {
  const input = { clientMutationId: clientKey, conversationId, text };
  type Sent = { sendMessage: { message: { id: string } | null } };
  const { sendMessage: sent } = await agent.ask<Sent>(sendMessage, { input });
  if (sent.message === null) throw new Error('the reply was refused');
  return sent.message.id;
};

/** Waits for the outcome too: what was decided before an erasure is not written after it. */
function sendByTemplate(templateId: string): Send {
  return async (agent, { clientKey, text, conversationId }) => {
    const values = [{ name: 'words', value: text }];
    const input = { clientMutationId: clientKey, conversationId, templateId, locale: 'en', values };
    type Sent = { sendTemplate: { decision: { id: string; messageId: string } | null } };
    const { decision } = (await agent.ask<Sent>(sendTemplate, { input })).sendTemplate;
    if (decision === null) throw new Error('the template was refused');
    type Told = { automationDecision: { outcome: string | null; code: string | null } | null };
    const { automationDecision: told } = await agent.ask<Told>(outcomeOf, { id: decision.id });
    if (told === null || told.outcome === null) throw new Error('the decision is not settled yet');
    if (told.outcome === 'REFUSED' && told.code !== 'ERASED') throw new Error(`it was refused: ${told.code}`);
    return told.outcome === 'REFUSED' ? null : decision.messageId;
  };
}

async function sendOnce(agent: Api, history: History, reply: WantedReply, send: Send): Promise<void> {
  await insist(async () => {
    history.add({ op: 'reply', phase: 'invoke', messageId: null, ...reply });
    try {
      const messageId = await send(agent, reply);
      history.add({ op: 'reply', phase: messageId === null ? 'info' : 'ok', messageId, ...reply });
    } catch (error) {
      history.add({ op: 'reply', phase: 'info', messageId: null, ...reply });
      throw error;
    }
  });
}
