import { expect } from '@jest/globals';
import { Client } from 'pg';
import type { Api } from './api.ts';
import type { Installation } from './installation.ts';
import type { Workspace } from './workspace.ts';

interface Deciding {
  readonly here: Installation;
  readonly lumina: Workspace;
  readonly perform: (api: Api, name: string, input: object, selection?: string) => Promise<unknown>;
}

/** People decide who is one customer, and take it back. */
export async function decideWhoIsWho({ here, lumina, perform }: Deciding): Promise<void> {
  const { agent, supervisor } = lumina;
  const [one = '', other = ''] = await customerIds(agent);
  const reason = 'They told us';
  const pair = { profileId: one, otherProfileId: other, reason };
  await perform(agent, 'mergeCustomers', { customerId: one, otherCustomerId: other, reason });
  await perform(agent, 'undoMerge', pair);
  await perform(agent, 'decideProposal', { proposalId: await proposalFor(here, one), isOne: false, reason });
  await perform(agent, 'mergeCustomers', { customerId: one, otherCustomerId: other, reason });
  await perform(agent, 'keepApart', pair);
  await perform(supervisor, 'blockIdentityKey', { kind: 'PHONE', value: '+15551234567', reason });
  await perform(supervisor, 'unblockIdentityKey', { kind: 'PHONE', value: '+15551234567' });
}

/** Notes the words with which a customer agreed, that they are not somebody else, and that their address proves nothing. */
export async function decidesAbout(
  { admin, agent }: Workspace,
  customerId: string | null,
  word: string,
): Promise<void> {
  await agrees(admin, customerId, `Yes, ${word}`);
  const other = (await customerIds(agent)).find((id) => id !== customerId);
  const apart = `mutation($input: KeepApartInput!) { keepApart(input: $input) { errors { code } } }`;
  const input = { profileId: customerId, otherProfileId: other, reason: `${word} is a twin` };
  expect(await agent.ask(apart, { input })).toEqual({ keepApart: { errors: [] } });
  const block = `mutation($input: BlockIdentityKeyInput!) { blockIdentityKey(input: $input) { errors { code } } }`;
  const key = { kind: 'EMAIL', value: `${word}@mail.example`, reason: 'shared' };
  expect(await admin.ask(block, { input: key })).toEqual({ blockIdentityKey: { errors: [] } });
}

/** Notes the words with which a customer agreed. */
async function agrees(api: Api, customerId: string | null, wording: string): Promise<void> {
  const input = { customerId, purpose: 'MARKETING', state: 'GRANTED', basis: 'OPT_IN', wording };
  const noted = `mutation($input: RecordConsentInput!) { recordConsent(input: $input) { errors { code } } }`;
  expect(await api.ask(noted, { input })).toEqual({ recordConsent: { errors: [] } });
}

/** A proposal that a customer and another of the workspace are one. */
export async function proposalFor(here: Installation, customerId: string): Promise<string> {
  const client = new Client({ connectionString: here.running().databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ id: string }>(
      `insert into crm.merge_proposal (tenant_id, id, profile_a, profile_b, score, reasons, state, found_at)
       select a.tenant_id, gen_random_uuid(), least(a.id, b.id), greatest(a.id, b.id), 2, '{same-phone}', 'open', now()
       from crm.profile a join crm.profile b on b.tenant_id = a.tenant_id and b.customer_id <> a.customer_id and not b.is_erased
       where a.id = $1 order by b.id limit 1 returning id`,
      [customerId],
    );
    return rows[0]?.id ?? '';
  } finally {
    await client.end();
  }
}

async function customerIds(api: Api): Promise<string[]> {
  type Listed = { customers: { edges: { node: { id: string } }[] } };
  const { customers } = await api.ask<Listed>('{ customers(first: 10) { edges { node { id } } } }');
  return customers.edges.map(({ node }) => node.id);
}
