import { Client } from 'pg';
import type { Api } from './api.ts';
import { workOnFeedback } from './feedback.ts';
import { workOnFollowUps } from './follow-ups.ts';
import type { Installation } from './installation.ts';
import { decideWhoIsWho } from './who-is-who.ts';
import { valueCustomers } from './value-customers.ts';
import type { ConnectedAccount, Workspace } from './workspace.ts';

interface Writing {
  readonly here: Installation;
  readonly lumina: Workspace;
  readonly shop: ConnectedAccount;
  readonly conversationId: string;
  readonly perform: (api: Api, name: string, input: object, selection?: string) => Promise<unknown>;
}

/** What people do for the customer of a conversation. */
export async function workOnCustomer({ here, lumina, shop, conversationId: id, perform }: Writing): Promise<void> {
  await perform(lumina.supervisor, 'relinkConversations', { conversationIds: [id] });
  await workOnFollowUps({ agent: lumina.agent, perform }, id);
  const said = { purpose: 'MARKETING', state: 'WITHDRAWN', basis: 'TOLD_TO_A_PERSON' };
  const { conversation } = await lumina.agent.ask<{ conversation: { customer: { id: string } } }>(
    `query($id: ID!) { conversation(id: $id) { customer { id } } }`,
    { id },
  );
  const customerId = conversation.customer.id;
  await valueCustomers({ lumina, customerId, perform });
  await decideWhoIsWho({ here, lumina, perform });
  await workOnFeedback({ agent: lumina.agent, perform }, customerId);
  await perform(lumina.supervisor, 'recordConsent', { customerId, ...said });
  const texts = [{ locale: 'en', text: 'Order {order} is on its way.' }];
  const notice = { accountId: shop.id, stage: 'SHIPPED', texts, isOn: true, expectedVersion: 0 };
  await perform(lumina.admin, 'setStageNotice', notice);
  await perform(lumina.admin, 'upsertSurveyPolicy', { key: 'all', isOn: true, expectedVersion: 0 });
  await campaignForNobody(lumina, perform);
}

const nobody = { leaf: { field: 'orders.count', op: 'AT_LEAST', values: ['1000'] } };
const campaignTexts = [{ locale: 'en', text: 'Hello {name}' }];

/** A campaign through all its steps, of which nobody is meant. */
async function campaignForNobody({ supervisor }: Workspace, perform: Writing['perform']): Promise<void> {
  const content = { name: 'News', purpose: 'MARKETING', condition: nobody, texts: campaignTexts };
  const selection = 'campaign { id version }';
  type Made = { campaign: { id: string; version: number } };
  const step = async (name: string, { id, version }: Made['campaign']) => {
    const input = { campaignId: id, expectedVersion: version };
    return ((await perform(supervisor, name, input, selection)) as Made).campaign;
  };
  const { campaign } = (await perform(supervisor, 'upsertCampaign', content, selection)) as Made;
  // Nobody is meant, so that it may have finished before it can be paused: only the launch is sure. The next is paused at once.
  const launched = await step('launchCampaign', campaign);
  const paused = await step('pauseCampaign', launched);
  const resumed = await step('resumeCampaign', paused);
  await step('cancelCampaign', resumed);
}

/** A campaign that was not launched. */
export async function campaignOf({ supervisor }: Workspace, word: string): Promise<string> {
  const mutation = `mutation($input: UpsertCampaignInput!) { upsertCampaign(input: $input) { campaign { id } errors { code } } }`;
  const text = [{ locale: 'en', text: `${word} {name}` }];
  const input = { name: `${word} campaign`, purpose: 'SERVICE', condition: { all: [] }, texts: text };
  const answer = await supervisor.ask<{ upsertCampaign: { campaign: { id: string } } }>(mutation, { input });
  return answer.upsertCampaign.campaign.id;
}

/** A notice of a store to a customer that a check has stopped; their orders were returned. */
export async function outreachFor(here: Installation, customerId: string, accountId: string): Promise<string> {
  const client = new Client({ connectionString: here.running().databaseUrl });
  await client.connect();
  try {
    await client.query(
      `insert into crm.stage_notice (tenant_id, account_id, stage, texts, is_on, on_since, version)
       select tenant_id, $2, 'confirmed', '[]', false, now(), 1 from crm.profile where id = $1`,
      [customerId, accountId],
    );
    await client.query(
      `insert into crm.survey_policy (tenant_id, id, key, account_ids, texts, is_on, on_since, delay_minutes,
         mail_delay_minutes, version)
       select tenant_id, gen_random_uuid(), 'all', array[$2::uuid], '[]', false, now(), 15, 1440, 1
       from crm.profile where id = $1`,
      [customerId, accountId],
    );
    await client.query(
      `insert into crm.order_state (tenant_id, order_id, account_id, version, state, at)
       select o.tenant_id, o.order_id, o.account_id, 0, 'return_open', o.placed_at
       from crm.conversation_link l join crm.order_ref o on o.order_id = l.order_id where l.customer_id = $1
       on conflict do nothing`,
      [customerId],
    );
    const { rows } = await client.query<{ id: string }>(
      `insert into crm.outreach (tenant_id, id, kind, purpose, subject, profile_id, texts, variables, hold_out_share, zone,
         planned_at, not_after, state, reason)
       select tenant_id, gen_random_uuid(), 'stage-notice', 'service', '', id, '[]', '{}', 0, 'UTC', now(), now(), 'suppressed', 'OBJECTED'
       from crm.profile where id = $1 returning id`,
      [customerId],
    );
    return rows[0]?.id ?? '';
  } finally {
    await client.end();
  }
}
