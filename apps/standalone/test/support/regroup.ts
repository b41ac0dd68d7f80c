import { expect } from '@jest/globals';
import { eventually } from '@crossdesk/testkit';
import type { Api } from './api.ts';
import { conversationWith, messagesOf } from './inbox.ts';
import type { Installation } from './installation.ts';
import type { ConnectedAccount } from './workspace.ts';

interface Desk {
  readonly here: Installation;
  readonly agent: Api;
  readonly shop: ConnectedAccount;
  /** Performs a mutation and returns the selection of its payload. */
  perform(api: Api, name: string, input: object | null, selection?: string): Promise<unknown>;
}

/** Two buyers of the shop are one, then not, and one of them has two concerns. */
export async function regroup({ here, agent, shop, perform }: Desk): Promise<void> {
  const says = async (buyer: string, text: string) => {
    here.twin.buyerSays({ shop: shop.shop, buyer, content: { kind: 'text', text } });
    return eventually(async () => {
      const found = await conversationWith(agent, shop.id, buyer);
      expect(messagesOf(found).map((message) => message.text)).toContain(text);
      return found;
    });
  };
  const present = async (buyer: string) => {
    const { id: conversationId, version: expectedVersion } = await conversationWith(agent, shop.id, buyer);
    return { conversationId, expectedVersion };
  };
  const attempt = async (name: string, input: () => Promise<object>) =>
    eventually(async () => perform(agent, name, await input(), 'regrouping { id }'));
  await says('Una', 'Hello');
  await says('Una two', 'Hello again');
  const merged = await attempt('mergeConversations', async () => {
    const { conversationId: into, expectedVersion } = await present('Una');
    return { into, expectedVersion, from: [await present('Una two')], reason: 'One person' };
  });
  const { regrouping } = merged as { readonly regrouping: { readonly id: string } };
  await perform(agent, 'undoRegrouping', { regroupingId: regrouping.id });
  const found = await says('Una', 'An invoice, too');
  const fromMessageId = messagesOf(found).find(({ text }) => text === 'An invoice, too')?.id;
  await attempt('splitConversation', async () => ({
    ...(await present('Una')),
    fromMessageId,
    reason: 'Two concerns',
  }));
}
