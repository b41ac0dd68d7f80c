import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '@crossdesk/testkit';
import { Client } from 'pg';
import { findWord, tablesWithText } from './support/find-word.ts';
import { deliver, signGeneric } from './support/generic-delivery.ts';
import { conversationWith, messagesOf } from './support/inbox.ts';
import { type Installation, openInstallation } from './support/installation.ts';
import { saidAndPromised } from './support/feedback.ts';
import { attributeOf, caseOf, regroupingBecause, webhookEndpointOf } from './support/planted.ts';
import { uploadFile } from './support/uploads.ts';
import { decidesAbout } from './support/who-is-who.ts';
import {
  type ConnectedAccount,
  connectShop,
  seedWorkspace,
  setUpFirstWorkspace,
  type Workspace,
} from './support/workspace.ts';

/** A word in every name and text of the erased buyer, and in everything written to and about them. */
const canary = 'canary7q4x';
/** A word in everything that must stay: of another buyer, and of a buyer with the same id in another workspace. */
const kept = 'kept8w5y';

/** Tables of the kit, which every service has. */
const kitTables = {
  'ids, names of actions and hashes': ['audit_entry', 'audit_head', 'client_request', 'consumed_event'],
  'secrets of the installation': ['retired_audit_key'],
  'work of the migrations': ['kysely_migration', 'kysely_migration_lock'],
  'work of the timers, which carry ids': [
    '_private_jobs',
    '_private_job_queues',
    '_private_tasks',
    '_private_known_crontabs',
  ],
};
/** Why the word cannot be planted in a table with columns of text. A new table is planted below, or gets its reason here. */
const unplanted: Readonly<Record<string, readonly string[]>> = {
  ...kitTables,
  'the people and secrets of the seller': [
    ...['workspace', 'agent', 'api_token', 'signing_key', 'sign_in_attempt', 'sign_in_place'],
    ...['session', 'refresh_token', 'second_factor', 'recovery_code'],
    ...['channel_app', 'channel_account', 'authorisation_request', 'webhook_endpoint'],
  ],
  'texts of the seller that name no buyer': [
    ...[
      ...['template', 'template_variant', 'article', 'stage_notice', 'survey_policy', 'campaign'],
      'translation_provider',
      'provider_usage',
      'assistant',
      'assistant_usage',
      'glossary_term',
      'tag',
      'calendar',
      'calendar_version',
      ...['bulk_job', 'macro'],
      'sla_policy',
      'sla_policy_version',
      'rule_version',
      'rule_set',
      'automation_policy',
      'simulation',
      ...['enquiry_subtype', 'attribute_definition'],
      ...['access_role', 'agent_skill', 'tag_rule', 'routing', 'team'],
      'view',
    ],
  ],
  'ids and closed lists of words': [
    ...[
      ...['analysed_conversation', 'early_understanding'],
      'bulk_item',
      'notification',
      'notification_preference',
      'conversation_fact',
      'knowledge_gap',
      'turn',
      'turn_verdict',
      'suggestion_feedback',
      ...['conversation_facts', 'conversation_topic'],
      'inbox_counter',
      'message_analysis',
      'raw_subject',
      'ignored_event',
      'webhook_receipt',
      'webhook_delivery',
      'webhook_erasure',
    ],
    ...[
      'webhook_refusal',
      ...['sync_cursor', 'send_pause', 'resync', 'resync_part'],
      'order_fetch',
      'thread_alias',
      'long_id',
      ...['erasing', 'erasure'],
      'erasure_part',
      'erasure_step',
    ],
    ...[
      ...['order_state', 'customer_case', 'contact_point', 'order_stage', 'outreach_once', 'campaign_member'],
      ...['customer_stats', 'fx_rate', 'tier_history', 'tier_model', 'tier_run', 'tier_run_row', 'merge_proposal'],
      ...['order_ref', 'order_tracking', 'conversation_link', 'order_facts', 'tm_gram', 'rule_act', 'rule_timer'],
      ...['translation_setting', 'lint_setting'],
      ...['platform_deadline', 'customer_mark', 'customer_tier'],
      'sla_state',
      'view_order',
      ...['survey_round', 'queue_entry', 'routing_record', 'segment', 'platform_feedback', 'feedback_sku'],
      'evaluation',
      'conversation_member',
      'reprocessing',
    ],
  ],
  'keyed digests, which stay (ADR 0100), and numbers of orders, which crm empties': ['suppression', 'outreach'],
  'words of and about the customer; their rows are deleted': ['conversation_mention', 'customer_tag', 'tag_fact'],
  'a person handles what could not be read (ADR 0027)': ['parked_webhook'],
  'only while a reply of the same thread is in doubt, for which the erasure waits': ['held_message'],
};

const eraseCustomer = `mutation($input: EraseCustomerInput!) {
  eraseCustomer(input: $input) { erasure { id status } errors { code path } } }`;
const erasureQuery = `query($id: ID!) { erasure(id: $id) {
  status requestedAt completedAt customer { id displayName identities { value } }
  services { service status erasedAt rows { table count } } } }`;

interface Erased {
  readonly eraseCustomer: {
    readonly erasure: { readonly id: string; readonly status: string } | null;
    readonly errors: readonly { readonly code: string }[];
  };
}
interface Proof {
  readonly erasure: {
    readonly status: string;
    readonly completedAt: string | null;
    readonly customer: { readonly id: string; readonly displayName: string | null; readonly identities: unknown[] };
    readonly services: readonly {
      readonly service: string;
      readonly status: string;
      readonly rows: readonly { readonly table: string; readonly count: number }[];
    }[];
  };
}

let here: Installation;
let owner: Workspace;
let stranger: Workspace;
let shop: ConnectedAccount;
let strangerShop: ConnectedAccount;

beforeAll(async () => {
  here = await openInstallation();
  const api = (token: string | null) => here.api(token);
  owner = await setUpFirstWorkspace(api, here.running().setupCode, 'owner');
  stranger = await seedWorkspace(api, here.running().conversation, 'stranger');
  await webhookEndpointOf(owner, 'owner');
  shop = await connectShop(owner.admin, here.twin, 'generic', 'owner-web');
  strangerShop = await connectShop(stranger.admin, here.twin, 'generic', 'stranger-web');
}, 90_000);

afterAll(() => here.close());

const ana = { id: 'ana-1', name: `Ana ${canary}`, email: `${canary}@mail.example`, phone: '+55 11 99999-0000' };

function says(
  account: ConnectedAccount,
  author: object,
  thread: string,
  externalId: string,
  text: string,
  attachments: readonly object[] = [],
) {
  const data = { conversationKey: thread, externalId, author, text, attachments };
  return deliver(account.webhookUrl, signGeneric(account, body('message.created', data)));
}

function edits(author: object, externalId: string, text: string) {
  const data = { conversationKey: 'thread-1', externalId, author, text };
  return deliver(shop.webhookUrl, signGeneric(shop, body('message.edited', data)));
}

function orders(
  account: ConnectedAccount,
  buyer: { id: string; name: string },
  id: string,
  state: string,
  updatedAt: string,
) {
  const recipient = { name: buyer.name, phone: '+5511999990000', fullAddress: `Street of ${buyer.name}` };
  const items = [{ id: 'i', title: 'Lamp', quantity: 1 }];
  const data = { id, state, buyer, recipient, items, shipments: [], placedAt: '2026-01-01T00:00:00Z', updatedAt };
  return deliver(account.webhookUrl, signGeneric(account, body('order.updated', data)));
}

function body(type: string, data: object): string {
  return JSON.stringify({ type, timestamp: new Date().toISOString(), data });
}

async function query(databaseUrl: string, text: string, values: unknown[]): Promise<void> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(text, values);
  } finally {
    await client.end();
  }
}

/** Sends a template that has the name of the buyer, and waits until it is written. */
async function sendsTemplate(conversationId: string): Promise<void> {
  const variants = [{ locale: 'en', text: 'Dear {name}, it was shipped.' }];
  const variables = [{ name: 'name', type: 'TEXT' }];
  const template = { key: 'shipped', name: 'Shipped', situation: 'SHIPPED', variables, variants };
  const upsert = `mutation($input: UpsertTemplateInput!) { upsertTemplate(input: $input) { template { id } } }`;
  type Made = { upsertTemplate: { template: { id: string } } };
  const { upsertTemplate } = await owner.supervisor.ask<Made>(upsert, { input: template });
  const input = {
    clientMutationId: 't',
    conversationId,
    templateId: upsertTemplate.template.id,
    locale: 'en',
    values: [{ name: 'name', value: canary }],
  };
  const send = `mutation($input: SendTemplateInput!) { sendTemplate(input: $input) { decision { id } errors { code } } }`;
  type Sent = { sendTemplate: { decision: { id: string } } };
  const { sendTemplate } = await owner.agent.ask<Sent>(send, { input });
  await eventually(async () => {
    const query = `query($id: ID!) { automationDecision(id: $id) { outcome } }`;
    expect(await owner.agent.ask(query, { id: sendTemplate.decision.id })).toEqual({
      automationDecision: { outcome: 'CARRIED_OUT' },
    });
  });
}

/** Asks for a draft of a reply, proposes and approves the translation of one, and waits until their messages are there to be translated. */
async function translates(conversationId: string): Promise<void> {
  const draft = `mutation($input: TranslateDraftInput!) { translateDraft(input: $input) { translation { id } } }`;
  const reply = { conversationId, text: `Dear ${canary}`, sourceLocale: 'en', targetLocale: 'de' };
  type Made = { translateDraft: { translation: { id: string } } };
  const { translateDraft } = await owner.agent.ask<Made>(draft, { input: reply });
  const wanted = `mutation($input: DraftReplyInput!) { draftReply(input: $input) { draft { instruction } } }`;
  const wish = { conversationId, instruction: `be kind to ${canary}` };
  await eventually(async () => {
    const answer = await owner.agent.ask(wanted, { input: wish });
    expect(answer).toEqual({ draftReply: { draft: { instruction: wish.instruction } } });
  });
  const approve = `mutation($input: ApproveTranslationInput!) { approveTranslation(input: $input) { errors { code } } }`;
  const input = { translationId: translateDraft.translation.id, text: `Hallo ${canary}` };
  expect(await owner.agent.ask(approve, { input })).toEqual({ approveTranslation: { errors: [] } });
  await eventually(async () => {
    const places = await findWord(here.running().databaseUrl, canary);
    expect(places).toEqual(
      expect.arrayContaining(['message_translation', 'tm_unit'].map((table) => expect.stringContaining(table))),
    );
    expect(await findWord(here.running().databaseUrl, kept)).toEqual(
      expect.arrayContaining([expect.stringContaining('message_translation')]),
    );
  });
}

/** Asks the articles something in the name of the buyer. */
async function asksArticles(conversationId: string): Promise<void> {
  const query = `query($id: ID!, $question: String!) {
    answer(question: $question, locale: "en", conversationId: $id) { gap { askedCount } } }`;
  const question = `${canary}: how loud is it?`;
  expect(await owner.agent.ask(query, { id: conversationId, question })).toEqual({
    answer: { gap: { askedCount: 1 } },
  });
}

/** Suggests something to answer the buyer, with words that name them. */
async function suggests(conversationId: string): Promise<void> {
  const texts = [{ locale: 'en', title: 'Somebody asks nicely', body: 'We answer nicely.' }];
  const upsert = `mutation($input: UpsertArticleInput!) { upsertArticle(input: $input) { article { id } } }`;
  const { upsertArticle } = await owner.supervisor.ask<{ upsertArticle: { article: { id: string } } }>(upsert, {
    input: { key: 'nicely', type: 'SCRIPT', originalLocale: 'en', texts },
  });
  const publish = `mutation($id: ID!) { publishArticle(input: { articleId: $id, expectedVersion: 1 }) { errors { code } } }`;
  await owner.supervisor.ask(publish, { id: upsertArticle.article.id });
  const suggested = `query($id: ID!) { suggestedReplies(conversationId: $id) { replies { text } } }`;
  await eventually(async () => {
    expect(await owner.agent.ask(suggested, { id: conversationId })).toEqual({
      suggestedReplies: { replies: [{ text: 'We answer nicely.' }] },
    });
  });
  await query(here.running().databaseUrl, `update automation.suggestion set text = $1`, [`Dear ${canary}`]);
}

/** Drafts an article of what the buyer asked and a person answered. */
async function drafts(conversationId: string): Promise<void> {
  const send = `mutation($input: SendMessageInput!) { sendMessage(input: $input) { errors { code } } }`;
  const input = { clientMutationId: 'a', conversationId, text: 'It is as loud as a small bird.' };
  await owner.agent.ask(send, { input });
  const draft = `mutation($id: ID!) { draftArticleFromConversation(input: { conversationId: $id }) { errors { code } } }`;
  await eventually(async () => {
    expect(await owner.agent.ask(draft, { id: conversationId })).toEqual({
      draftArticleFromConversation: { errors: [] },
    });
  });
}

async function customerOf(api: Workspace['admin'], conversationId: string): Promise<string | null> {
  const { conversation } = await api.ask<{ conversation: { customer: { id: string } | null } }>(
    `query($id: ID!) { conversation(id: $id) { customer { id } } }`,
    { id: conversationId },
  );
  return conversation.customer?.id ?? null;
}

async function threadOf(api: Workspace['admin'], conversationId: string) {
  const shown = `query($id: ID!) { conversation(id: $id) { buyerName unreadCount state customer { id displayName }
    orderLink { order { externalId buyerName recipient { fullAddress } } } notes { edges { node { text } } }
    messages(first: 20, oldestFirst: true) { edges { node { externalId kind text delivery { status } } } } } }`;
  type Shown = {
    buyerName: string | null;
    customer: { id: string; displayName: string | null };
    orderLink: { order: { externalId: string; buyerName: string | null; recipient: unknown } } | null;
    notes: { edges: { node: { text: string } }[] };
    messages: { edges: { node: { externalId: string; kind: string; text: string | null } }[] };
  };
  return (await api.ask<{ conversation: Shown }>(shown, { id: conversationId })).conversation;
}

/** A summary as a model wrote it. */
const summary = `
  insert into automation.conversation_summary (tenant_id, conversation_id, locale, message_id, text, state, prompt, begun_at)
  select tenant_id, conversation_id, 'en', message_id, '${canary} asks', 'written', 'summary.1', now()
  from automation.message_text where conversation_id = $1 limit 1`;

/** An event of a conversation that its consumer could not process. */
const parkedEvent = `
  insert into conversation.dead_letter (id, tenant_id, consumer, event_id, key, topic, event_type, is_blocking, raw, reason, attempts)
  select gen_random_uuid(), tenant_id, 'conversation.tried', event_id, key, topic, 'ingest.message-received', false,
    convert_to(envelope::text, 'UTF8'), 'failed', 1
  from ingest.outbox_event where key = $1 and envelope ->> 'type' = 'ingest.message-received' limit 1`;

test('an erased customer is gone from all data, the proof records it, and nobody else is affected', async () => {
  const settings = `mutation($input: SetTranslationSettingsInput!) { setTranslationSettings(input: $input) { errors { code } } }`;
  await owner.supervisor.ask(settings, { input: { targetLocale: 'zh-CN', mode: 'ON_DEMAND' } });
  await says(shop, ana, 'thread-1', 'm-1', `${canary} asks about NT-900001`);
  const file = { url: `https://127.0.0.1:1/${canary}.pdf`, mime: 'application/pdf', name: `${canary}.pdf` };
  await says(shop, ana, 'thread-2', 'm-2', `${canary} again`, [file]);
  await edits(ana, 'm-1', `${canary} asks nicely about NT-900001: where is it?`);
  await edits(ana, 'never sent', `${canary} waits for its message`);
  await orders(shop, ana, 'NT-900001', 'shipped', '2026-01-02T00:00:00Z');
  const bo = { id: 'bo-1', name: `Bo ${kept}` };
  await says(shop, bo, 'thread-3', 'm-3', `${kept} hello`);
  await orders(shop, bo, 'NT-900002', 'shipped', '2026-01-02T00:00:00Z');
  await says(strangerShop, { ...ana, name: `Ana ${kept}`, email: `${kept}@mail.example` }, 'thread-1', 'm-1', kept);
  const ids = await eventually(async () => {
    const listed = `{ conversations(first: 10) { edges { node { id buyerName customer { id } orderLink { confidence } } } } }`;
    type Rows = {
      conversations: {
        edges: { node: { id: string; buyerName: string; customer: { id: string } | null; orderLink: unknown } }[];
      };
    };
    const { conversations } = await owner.agent.ask<Rows>(listed);
    const ofAna = conversations.edges.map(({ node }) => node).filter(({ buyerName }) => buyerName === ana.name);
    expect(ofAna).toHaveLength(2);
    expect(ofAna.flatMap(({ customer, orderLink }) => [customer, orderLink])).not.toContain(null);
    expect(await conversationWith(owner.agent, shop.id, bo.name)).toMatchObject({ customer: { displayName: bo.name } });
    const theirs = await conversationWith(stranger.agent, strangerShop.id, `Ana ${kept}`);
    expect(theirs.customer).not.toBeNull();
    return ofAna.map(({ id }) => id).sort();
  });
  const [first = ''] = ids;
  await suggests(first);
  const files = await Promise.all(
    (['NOTE', 'REPLY'] as const).map((purpose) =>
      uploadFile(owner.agent, `${canary}.txt`, Uint8Array.from(Buffer.from(`${purpose} about ${canary}`)), purpose),
    ),
  );
  const [noteFile, replyFile] = files.map(({ attachmentId }) => attachmentId);
  await owner.agent.ask(`mutation($input: AddNoteInput!) { addNote(input: $input) { errors { code } } }`, {
    input: { clientMutationId: 'n', conversationId: first, text: `${canary} is angry`, attachments: [noteFile] },
  });
  await owner.agent.ask(`mutation($input: SendMessageInput!) { sendMessage(input: $input) { errors { code } } }`, {
    input: { clientMutationId: 'f', conversationId: first, attachments: [replyFile] },
  });
  await caseOf(owner, { conversationId: first }, canary);
  await saidAndPromised(owner, (await customerOf(owner.agent, first)) ?? '', first, canary);
  await attributeOf(owner, first, `Party of ${canary}`);
  await owner.supervisor.ask(`mutation($input: SaveDraftInput!) { saveDraft(input: $input) { errors { code } } }`, {
    input: { conversationId: first, text: `Dear ${canary}, `, basis: 1, expectedVersion: 0 },
  });
  await owner.agent.ask(`mutation($input: SendMessageInput!) { sendMessage(input: $input) { errors { code } } }`, {
    input: { clientMutationId: 's', conversationId: first, text: `Dear ${canary}` },
  });
  await sendsTemplate(first);
  await translates(first);
  await asksArticles(first);
  await drafts(first);
  const customerId = await customerOf(owner.agent, first);
  await decidesAbout(owner, customerId, canary);
  const database = here.running().databaseUrl;
  await query(database, parkedEvent, [first]);
  await query(database, summary, [first]);
  await query(database, regroupingBecause(`${canary} wrote twice`), [first]);
  const before = { canary: await findWord(database, canary), kept: await findWord(database, kept) };
  const nameOf = (place: string) => place.split(/[. ]/)[1] ?? '';
  const planted = new Set(before.canary.map(nameOf));
  const withText = new Set((await tablesWithText(database)).map(nameOf));
  expect([...withText].filter((table) => !planted.has(table)).toSorted()).toEqual(
    Object.values(unplanted).flat().toSorted(),
  );

  for (const api of [owner.agent, owner.supervisor]) {
    expect(await api.ask(eraseCustomer, { input: { customerId } })).toMatchObject({
      eraseCustomer: { erasure: null, errors: [{ code: 'FORBIDDEN' }] },
    });
  }
  expect(await stranger.admin.ask(eraseCustomer, { input: { customerId } })).toMatchObject({
    eraseCustomer: { erasure: null, errors: [{ code: 'NOT_FOUND' }] },
  });
  const [one, two] = await Promise.all(
    ['one', 'two'].map(() => owner.admin.ask<Erased>(eraseCustomer, { input: { customerId } })),
  );
  const erasureId = one?.eraseCustomer.erasure?.id ?? '';
  expect(two?.eraseCustomer).toMatchObject({ erasure: { id: erasureId }, errors: [] });

  const { erasure } = await eventually(async () => {
    const proof = await owner.admin.ask<Proof>(erasureQuery, { id: erasureId });
    expect(proof.erasure.status).toBe('COMPLETED');
    return proof;
  });
  expect(erasure.completedAt).not.toBeNull();
  expect(erasure.customer).toMatchObject({ id: customerId, displayName: null, identities: [] });
  expect(erasure.services.map(({ service, status }) => [service, status])).toEqual(
    ['INGEST', 'CONVERSATION', 'CRM', 'AUTOMATION'].map((service) => [service, 'COMPLETED']),
  );
  const rows = Object.fromEntries(
    erasure.services.flatMap((one) =>
      one.rows.map(({ table, count }) => [`${one.service.toLowerCase()}.${table}`, count]),
    ),
  );
  expect(rows).toMatchObject({
    'ingest.thread': 2,
    'ingest.customer_order': 1,
    'automation.decision': 1,
    'automation.message_text': 5,
    'automation.suggestion': 1,
    'automation.article_version': 1,
    ...{ 'conversation.message': 6, 'conversation.note': 1, 'conversation.draft': 1 },
    ...{ 'conversation.after_sales_case': 1, 'conversation.case_entry': 2 },
  });
  expect(rows['ingest.raw_payload']).toBe(5);
  expect(rows['ingest.message_change']).toBe(1);
  expect((await owner.supervisor.answer(erasureQuery, { id: erasureId })).errors).toHaveLength(1);
  expect((await stranger.admin.ask<{ erasure: null }>(erasureQuery, { id: erasureId })).erasure).toBeNull();

  expect(await findWord(database, canary)).toEqual([]);
  expect(await findWord(database, kept)).toEqual(before.kept);
  const shown = await threadOf(owner.agent, first);
  expect(shown).toMatchObject({
    buyerName: null,
    orderLink: { order: { externalId: 'NT-900001', buyerName: null, recipient: null } },
  });
  expect(shown.messages.edges.length).toBeGreaterThan(0);
  expect(shown.notes.edges).toEqual([{ node: { text: '' } }]);

  // Repeated pushes restore nothing: the same message, the same order in a new state.
  await says(shop, ana, 'thread-1', 'm-1', `${canary} asks about NT-900001`);
  await edits(ana, 'm-1', `${canary} edits again`);
  await orders(shop, ana, 'NT-900001', 'delivered', '2026-01-03T00:00:00Z');
  await eventually(async () => {
    const { order } = (
      await owner.agent.ask<{ conversation: { orderLink: { order: { state: string } } } }>(
        `query($id: ID!) { conversation(id: $id) { orderLink { order { state } } } }`,
        { id: first },
      )
    ).conversation.orderLink;
    expect(order.state).toBe('DELIVERED');
  });
  expect(await findWord(database, canary)).toEqual([]);

  // A restore of one schema brings back data that the ledger lists as erased.
  await query(database, `update conversation.conversation set buyer_name = $1 where id = any($2::uuid[])`, [
    ana.name,
    ids,
  ]);
  await query(database, `update conversation.message set content = $1 where conversation_id = any($2::uuid[])`, [
    { kind: 'text', text: canary },
    ids,
  ]);
  const again = await owner.admin.ask<Erased>(eraseCustomer, { input: { customerId, isRepeat: true } });
  expect(again.eraseCustomer.erasure).toEqual({ id: erasureId, status: 'REQUESTED' });
  await eventually(async () => {
    const proof = await owner.admin.ask<Proof>(erasureQuery, { id: erasureId });
    expect(proof.erasure.status).toBe('COMPLETED');
  });
  expect(await findWord(database, canary)).toEqual([]);

  // Later messages of the buyer are new, and belong to a new customer.
  await says(shop, { id: ana.id, name: 'Ana Returned' }, 'thread-1', 'm-9', 'me again');
  await eventually(async () => {
    const returned = await conversationWith(owner.agent, shop.id, 'Ana Returned');
    expect(messagesOf(returned).at(-1)).toMatchObject({ text: 'me again' });
    expect(returned.customer).toMatchObject({ displayName: 'Ana Returned' });
    expect(await customerOf(owner.agent, returned.id)).not.toBe(customerId);
  });
  expect(await findWord(database, canary)).toEqual([]);
}, 90_000);
