import { Client } from 'pg';
import type { Api } from './api.ts';
import type { Installation } from './installation.ts';
import type { ConnectedAccount, Workspace } from './workspace.ts';

interface Writing {
  readonly lumina: Workspace;
  readonly shop: ConnectedAccount;
  readonly conversationId: string;
  readonly perform: (api: Api, name: string, input: object) => Promise<unknown>;
}

/** What people do about messages that nobody asked for. */
export async function writeUnasked({ lumina, shop, conversationId: id, perform }: Writing): Promise<void> {
  const said = { purpose: 'MARKETING', state: 'WITHDRAWN', basis: 'TOLD_TO_A_PERSON' };
  const { conversation } = await lumina.agent.ask<{ conversation: { customer: { id: string } } }>(
    `query($id: ID!) { conversation(id: $id) { customer { id } } }`,
    { id },
  );
  await perform(lumina.supervisor, 'recordConsent', { customerId: conversation.customer.id, ...said });
  const texts = [{ locale: 'en', text: 'Order {order} is on its way.' }];
  const notice = { accountId: shop.id, stage: 'SHIPPED', texts, isOn: true, expectedVersion: 0 };
  await perform(lumina.admin, 'setStageNotice', notice);
}

/** A notice to a customer that a check has stopped. */
export async function outreachFor(here: Installation, customerId: string): Promise<string> {
  const client = new Client({ connectionString: here.running().databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ id: string }>(
      `insert into crm.outreach (tenant_id, id, kind, subject, profile_id, texts, variables, hold_out_share, zone,
         planned_at, not_after, state, reason)
       select tenant_id, gen_random_uuid(), 'stage-notice', '', id, '[]', '{}', 0, 'UTC', now(), now(), 'suppressed', 'OBJECTED'
       from crm.profile where id = $1 returning id`,
      [customerId],
    );
    return rows[0]?.id ?? '';
  } finally {
    await client.end();
  }
}
