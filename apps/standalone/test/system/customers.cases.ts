import { beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '@crossdesk/testkit';
import type { Api } from '../support/api.ts';
import { conversationWith } from '../support/inbox.ts';
import type { System } from '../support/system.ts';
import { type ConnectedAccount, connectShop, type Workspace } from '../support/workspace.ts';

let here: System;
let team: Workspace;
let shop: ConnectedAccount;

async function perform(api: Api, name: string, input: object, selection = ''): Promise<unknown> {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
  const query = `mutation($input: ${type}!) { done: ${name}(input: $input) { ${selection} errors { code message } } }`;
  const { done } = await api.ask<{ done: { errors: unknown[] } }>(query, { input });
  expect(done.errors).toEqual([]);
  return done;
}

async function makeTeam(name: string, memberId: string): Promise<string> {
  const made = await perform(team.supervisor, 'saveTeam', { name, memberIds: [memberId] }, 'team { id }');
  return (made as { team: { id: string } }).team.id;
}

const because = 'rule customerTags { name agent { displayName } }';
const routed = `query($id: ID!) { conversation(id: $id) { team { name } assignee { id } customer { id }
  routing { queued { ${because} } history { ${because} } } } }`;

interface Routed {
  readonly conversation: {
    readonly team: { readonly name: string } | null;
    readonly customer: { readonly id: string } | null;
    readonly [field: string]: unknown;
  };
}

/** What people know of a customer reaches the work on their conversations, through all services. */
export function describeCustomers(open: () => { readonly here: System; readonly valuing: Workspace }): void {
  describe('customers', () => {
    beforeAll(async () => {
      ({ here, valuing: team } = open());
      shop = await connectShop(team.admin, here.twin, 'generic', 'valued-web');
    });

    test('S5-2.2: a tag that an agent gives a customer by hand moves what waits to the team for it, and says who gave it', async () => {
      const desk = await makeTeam('Desk', team.agentIds.agent);
      const vips = await makeTeam('VIP desk', team.agentIds.supervisor);
      const rules = [
        { name: 'VIPs', customerTags: ['VIP'], teamIds: [vips] },
        { name: 'All', teamIds: [desk] },
      ];
      await perform(team.supervisor, 'saveRouting', { isOn: true, rules, botWaitSeconds: 0, expectedVersion: 0 });
      const says = () =>
        here.twin.buyerSays({ shop: shop.shop, buyer: 'ana', content: { kind: 'text', text: 'Is it in stock?' } });
      says();
      const { id } = await eventually(() => conversationWith(team.agent, shop.id, 'ana'));
      const read = async () => (await team.agent.ask<Routed>(routed, { id })).conversation;
      const customerId = await eventually(async () => {
        const { customer, team: first } = await read();
        expect(first).toEqual({ name: 'Desk' });
        if (customer === null) throw new Error('the customer is not known yet');
        return customer.id;
      });
      await perform(team.agent, 'tagCustomer', { customerId, tag: 'vip' });
      const why = { rule: 'VIPs', customerTags: [{ name: 'vip', agent: { displayName: 'agent' } }] };
      await eventually(async () =>
        expect(await read()).toMatchObject({ team: { name: 'VIP desk' }, routing: { queued: why, history: [] } }),
      );
      await perform(team.supervisor, 'setDuty', { isOnDuty: true });
      await eventually(async () =>
        expect(await read()).toMatchObject({
          ...{ assignee: { id: team.agentIds.supervisor }, routing: { queued: null, history: [why] } },
        }),
      );
    });
  });
}
