import { beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '@crossdesk/testkit';
import { conversationWith, messagesOf } from '../support/inbox.ts';
import type { System } from '../support/system.ts';
import { type ConnectedAccount, connectShop, type Workspace } from '../support/workspace.ts';

let here: System;
let team: Workspace;
let shop: ConnectedAccount;

const createTemplate = `mutation($input: UpsertTemplateInput!) { upsertTemplate(input: $input) { template { id } errors { code } } }`;
const createRule = `mutation($input: CreateAutomationRuleInput!) {
  createAutomationRule(input: $input) { rule { id } errors { code message } } }`;
const setMode = `mutation($input: SetAutomationRuleModeInput!) {
  setAutomationRuleMode(input: $input) { rule { mode } errors { code message } } }`;
const explain = `query($id: ID!) { explainAutomation(messageId: $id) { evaluations { isReproduced rules {
  ruleName outcome leaf { leaf { field } } results { type code decision { outcome code } } } } } }`;

interface Explained {
  readonly explainAutomation: {
    readonly evaluations: readonly {
      readonly isReproduced: boolean;
      readonly rules: readonly {
        readonly ruleName: string;
        readonly outcome: string;
        readonly leaf: { readonly leaf: { readonly field: string } } | null;
        readonly results: readonly {
          readonly type: string;
          readonly code: string | null;
          readonly decision: { readonly outcome: string | null; readonly code: string | null } | null;
        }[];
      }[];
    }[];
  };
}

/** Creates a rule and lets it act. */
async function actsOn(name: string, condition: object, action: { type: string; value: string }): Promise<void> {
  const rule = { name, trigger: action.type === 'REPLY' ? 'TURN' : 'MESSAGE', condition, actions: [action] };
  type Created = { createAutomationRule: { rule: { id: string }; errors: unknown[] } };
  const { createAutomationRule: made } = await team.supervisor.ask<Created>(createRule, {
    input: { clientMutationId: name, rule },
  });
  expect(made.errors).toEqual([]);
  const input = { ruleId: made.rule.id, expectedVersion: 1, mode: 'AUTO' };
  expect(await team.supervisor.ask(setMode, { input })).toEqual({
    setAutomationRuleMode: { rule: { mode: 'AUTO' }, errors: [] },
  });
}

const leaf = (field: string, ...values: string[]) => ({ leaf: { field, op: 'IN', values } });

async function messageOfBuyer(buyer: string): Promise<string> {
  const messages = messagesOf(await conversationWith(team.agent, shop.id, buyer));
  const found = messages.find(({ author }) => author === 'BUYER');
  if (found === undefined) throw new Error(`${buyer} has not written yet`);
  return found.id;
}

/** A rule that answers questions about orders, and one that calls a person. */
export function describeAutomation(open: () => { readonly here: System; readonly automating: Workspace }): void {
  describe('automation', () => {
    beforeAll(async () => {
      ({ here, automating: team } = open());
      shop = await connectShop(team.admin, here.twin, 'generic', 'automated-web');
      const variables = [{ name: 'orderNumber', type: 'TEXT' }];
      const variants = [
        { locale: 'en', text: 'We look after your order {orderNumber}.' },
        { locale: 'es', text: 'Estamos atendiendo su pedido {orderNumber}.' },
      ];
      const template = { key: 'on-its-way', name: 'On its way', situation: 'SHIPPED', variables, variants };
      type Made = { upsertTemplate: { template: { id: string } } };
      const { upsertTemplate } = await team.supervisor.ask<Made>(createTemplate, { input: template });
      const policy = `mutation { setAutomationPolicy(input: { mode: OFF, waitSeconds: 0, expectedVersion: 0 }) { errors { code } } }`;
      expect(await team.supervisor.ask(policy)).toEqual({ setAutomationPolicy: { errors: [] } });
      const asks = {
        all: [leaf('message.intents', 'order_status', 'logistics'), leaf('conversation.isAssigned', 'false')],
      };
      await actsOn('Where is my order', asks, { type: 'REPLY', value: upsertTemplate.template.id });
      const note = 'The buyer threatens a dispute.';
      await actsOn('Dispute', leaf('message.risks', 'chargeback'), { type: 'ESCALATE', value: note });
    }, 60_000);

    test('S1-2.1 S5-1.1: a question about an order is answered once from the order, in the language of the buyer, and explained', async () => {
      const order = here.twin.buyerOrders({ shop: shop.shop, buyer: 'Lucía' });
      const text = `Hola, ¿dónde está mi pedido ${order.id}? Todavía no ha llegado.`;
      here.twin.buyerSays({ shop: shop.shop, buyer: 'Lucía', content: { kind: 'text', text } });
      const answer = `Estamos atendiendo su pedido ${order.id}.`;
      await eventually(async () => {
        expect(here.twin.journal().filter((one) => one.text === answer)).toHaveLength(1);
        const conversation = await conversationWith(team.agent, shop.id, 'Lucía');
        expect(messagesOf(conversation).map(({ author, text: words }) => `${author}: ${words}`)).toEqual([
          `BUYER: ${text}`,
          `BOT: ${answer}`,
        ]);
      });
      const id = await messageOfBuyer('Lucía');
      await eventually(async () => {
        const { evaluations } = (await team.agent.ask<Explained>(explain, { id })).explainAutomation;
        expect(evaluations.map(({ isReproduced }) => isReproduced)).not.toContain(false);
        const results = evaluations.flatMap(({ rules }) => rules.flatMap((rule) => rule.results));
        expect(results.filter(({ decision }) => decision !== null)).toEqual([
          { type: 'REPLY', code: null, decision: { outcome: 'CARRIED_OUT', code: null } },
        ]);
      });
    });

    test('S4-2.3: a threat raises the priority and calls a person with the reason; an ordinary message does not', async () => {
      const threat = 'I want my money back now or I will file a chargeback with my bank!';
      here.twin.buyerSays({ shop: shop.shop, buyer: 'Rex', content: { kind: 'text', text: threat } });
      here.twin.buyerSays({
        shop: shop.shop,
        buyer: 'Joy',
        content: { kind: 'text', text: 'Do you have it in blue?' },
      });
      const query = `query($id: ID!) { conversation(id: $id) { priority notes { edges { node { text author { id } } } } } }`;
      await eventually(async () => {
        const { id } = await conversationWith(team.agent, shop.id, 'Rex');
        expect(await team.agent.ask(query, { id })).toEqual({
          conversation: {
            priority: 'HIGH',
            notes: { edges: [{ node: { text: 'The buyer threatens a dispute.', author: null } }] },
          },
        });
      });
      const joy = await eventually(() => messageOfBuyer('Joy'));
      await eventually(async () => {
        const { evaluations } = (await team.agent.ask<Explained>(explain, { id: joy })).explainAutomation;
        const looked = evaluations.flatMap(({ rules }) => rules.filter(({ outcome }) => outcome !== 'SKIPPED'));
        // A message is looked at again when crm has looked for its order.
        const found = new Set(
          looked.map(({ ruleName, outcome, leaf: by }) => `${ruleName} ${outcome} ${by?.leaf.field}`),
        );
        expect([...found]).toEqual(['Dispute FALSE message.risks', 'Where is my order FALSE message.intents']);
      });
      const { id } = await conversationWith(team.agent, shop.id, 'Joy');
      expect(await team.agent.ask(query, { id })).toMatchObject({ conversation: { priority: 'NORMAL' } });
    });
  });
}
