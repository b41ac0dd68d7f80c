import { randomUUID } from 'node:crypto';
import { expect } from '@jest/globals';
import { eventually } from '@crossdesk/testkit';
import { Client } from 'pg';
import type { Installation } from './installation.ts';
import { conversationWith, messagesOf } from './inbox.ts';
import { uploadFile } from './uploads.ts';
import type { ConnectedAccount, Workspace } from './workspace.ts';

const saveRole = `mutation($input: SaveRoleInput!) { saveRole(input: $input) { role { id } errors { code } } }`;

/** A custom role; without stores it includes all. */
export async function roleOf(ws: Workspace, word: string, storeIds?: readonly string[]): Promise<string> {
  const input = { clientMutationId: word, name: `${word} role`, reach: 'ALL', storeIds };
  const { saveRole: saved } = await ws.admin.ask<{ saveRole: { role: { id: string } } }>(saveRole, { input });
  return saved.role.id;
}

/** Where the agent is signed in. */
export async function sessionOf(ws: Workspace): Promise<string> {
  const { mySessions } = await ws.agent.ask<{ mySessions: { id: string }[] }>(`{ mySessions { id } }`);
  return mySessions[0]?.id ?? '';
}

/** An app with an account. */
export async function appOf(here: Installation, ws: Workspace, word: string, shopId: string): Promise<string> {
  const shop = here.twin.addShop({ platform: 'shopee', externalAccountId: shopId });
  const credentials = (...names: string[]) => names.map((name) => ({ name, value: shop.credentials[name] ?? '' }));
  const addresses = { apiBaseUrl: shop.baseUrls.api, authBaseUrl: shop.baseUrls.auth };
  const of = { channel: 'SHOPEE', displayName: `${word} app` };
  const { registerChannelApp } = await ws.admin.ask<{ registerChannelApp: { app: { id: string } } }>(
    `mutation($input: RegisterChannelAppInput!) { registerChannelApp(input: $input) { app { id } } }`,
    { input: { ...of, ...addresses, credentials: credentials('partner_id', 'partner_key') } },
  );
  const appId = registerChannelApp.app.id;
  const { connectChannelAccount } = await ws.admin.ask<{ connectChannelAccount: { errors: unknown[] } }>(
    `mutation($input: ConnectChannelAccountInput!) { connectChannelAccount(input: $input) { errors { message } } }`,
    { input: { ...of, appId, externalAccountId: shopId, credentials: credentials('access_token', 'refresh_token') } },
  );
  expect(connectChannelAccount.errors).toEqual([]);
  return appId;
}

/** An address that nobody listens at, which wants everything. */
export async function webhookEndpointOf(ws: Workspace, word: string): Promise<string> {
  type Saved = { saveWebhookEndpoint: { endpoint: { id: string } } };
  const { saveWebhookEndpoint } = await ws.admin.ask<Saved>(
    `mutation($input: SaveWebhookEndpointInput!) { saveWebhookEndpoint(input: $input) { endpoint { id } errors { message } } }`,
    { input: { clientMutationId: word, url: 'http://127.0.0.1:9/', description: `${word} hooks`, eventTypes: ['*'] } },
  );
  return saveWebhookEndpoint.endpoint.id;
}

/** An event that a consumer could not process. */
export async function parkEvent(here: Installation, { slug }: Workspace, word: string): Promise<void> {
  const client = new Client({ connectionString: here.running().databaseUrl });
  await client.connect();
  try {
    await client.query(
      `insert into conversation.dead_letter (id, tenant_id, consumer, event_id, key, topic, is_blocking, raw, reason, attempts)
       select gen_random_uuid(), tenant_id, 'conversation.tried', gen_random_uuid(), $2, 'ingest.inbound', false, '', $2, 1
       from conversation.workspace where slug = $1`,
      [slug, word],
    );
  } finally {
    await client.end();
  }
}

/** A job that has read the lists of an account again; the planted platform has none. */
export async function plantResync(here: Installation, accountId: string): Promise<void> {
  const client = new Client({ connectionString: here.running().databaseUrl });
  await client.connect();
  try {
    await client.query(
      `with job as (
         insert into ingest.resync (tenant_id, id, account_id, reason, from_at, to_at, created_at)
         select tenant_id, gen_random_uuid(), id, 'person', now(), now(), now() from ingest.channel_account where id = $1
         returning *)
       insert into ingest.resync_part (tenant_id, resync_id, account_id, kind, state, cursor, due_at)
       select tenant_id, id, account_id, 'messages', 'done', '', now() from job`,
      [accountId],
    );
  } finally {
    await client.end();
  }
}

/** An engine that does not answer, a reply without a translation, a term. */
export async function translationsOf(ws: Workspace, conversationId: string, word: string) {
  const { connectTranslationProvider: connected, upsertGlossaryTerm: upserted } = await ws.admin.ask<{
    connectTranslationProvider: { provider: { id: string } };
    upsertGlossaryTerm: { term: { id: string } };
  }>(
    `mutation($engine: ConnectTranslationProviderInput!, $term: UpsertGlossaryTermInput!) {
      connectTranslationProvider(input: $engine) { provider { id } } upsertGlossaryTerm(input: $term) { term { id } } }`,
    {
      engine: { kind: 'LIBRETRANSLATE', displayName: `${word} engine`, baseUrl: 'http://127.0.0.1:9' },
      term: { sourceLocale: 'en', targetLocale: 'de', source: word, target: word },
    },
  );
  const { translateDraft: drafted } = await ws.agent.ask<{ translateDraft: { translation: { id: string } } }>(
    `mutation($input: TranslateDraftInput!) { translateDraft(input: $input) { translation { id } } }`,
    { input: { conversationId, text: `${word} reply`, sourceLocale: 'en', targetLocale: 'de' } },
  );
  return {
    glossaryTerm: upserted.term.id,
    translationDraft: drafted.translation.id,
    translationProvider: connected.provider.id,
  };
}

/** A draft that nothing came of: no model is connected. */
export async function replyDraftOf(ws: Workspace, conversationId: string, word: string): Promise<string> {
  return eventually(async () => {
    const { draftReply } = await ws.agent.ask<{ draftReply: { draft: { id: string } | null } }>(
      `mutation($input: DraftReplyInput!) { draftReply(input: $input) { draft { id } } }`,
      { input: { conversationId, instruction: word } },
    );
    if (draftReply.draft === null) throw new Error('automation does not know the conversation yet');
    return draftReply.draft.id;
  });
}

export async function ruleOf(ws: Workspace, word: string): Promise<string> {
  const { createAutomationRule } = await ws.supervisor.ask<{ createAutomationRule: { rule: { id: string } } }>(
    `mutation($input: CreateAutomationRuleInput!) { createAutomationRule(input: $input) { rule { id } } }`,
    {
      input: {
        clientMutationId: word,
        rule: { name: `${word} rule`, trigger: 'MESSAGE', actions: [{ type: 'TAG', value: word }] },
      },
    },
  );
  return createAutomationRule.rule.id;
}

/** Work that is done in the background. */
export async function jobsOf(ws: Workspace, ruleId: string) {
  return { reprocessing: await reprocessingOf(ws), simulation: await simulationOf(ws, ruleId) };
}

/** A job that waits to be started. */
export async function bulkJobOf(ws: Workspace, conversationId: string, word: string): Promise<string> {
  const action = { reply: `${word} thanks` };
  const { createBulkJob } = await ws.supervisor.ask<{ createBulkJob: { job: { id: string } } }>(
    `mutation($input: CreateBulkJobInput!) { createBulkJob(input: $input) { job { id } } }`,
    { input: { clientMutationId: randomUUID(), conversationIds: [conversationId], action } },
  );
  return createBulkJob.job.id;
}

/** A case with a note, which the agent follows. */
export async function caseOf(
  ws: Workspace,
  about: { readonly conversationId: string; readonly orderId?: string; readonly teamId?: string },
  word: string,
): Promise<string> {
  const input = {
    clientMutationId: randomUUID(),
    type: 'REFUND',
    title: `${word} case`,
    note: `${word} note`,
    ...about,
  };
  const open = `mutation($input: EscalateConversationInput!) { escalateConversation(input: $input) { case { id } errors { code } } }`;
  const watch = `mutation($input: WatchCaseInput!) { watchCase(input: $input) { errors { code } } }`;
  return eventually(async () => {
    const { escalateConversation } = await ws.agent.ask<{ escalateConversation: { case: { id: string } | null } }>(
      open,
      {
        input: { ...input, ownerId: ws.agentIds.agent },
      },
    );
    if (escalateConversation.case === null) throw new Error('the order is not known yet');
    await ws.agent.ask(watch, { input: { caseId: escalateConversation.case.id } });
    return escalateConversation.case.id;
  });
}

/** A macro for everybody. */
export async function macroOf(ws: Workspace, word: string): Promise<string> {
  const input = { clientMutationId: randomUUID(), name: `${word} macro`, scope: 'ALL', actions: [{ note: word }] };
  const { saveMacro } = await ws.supervisor.ask<{ saveMacro: { macro: { id: string } } }>(
    `mutation($input: SaveMacroInput!) { saveMacro(input: $input) { macro { id } } }`,
    { input },
  );
  return saveMacro.macro.id;
}

/** What the admin is told when a job of theirs is over, and the event that tells it. */
export async function notificationOf(here: Installation, ws: Workspace) {
  const start = `mutation($input: ControlBulkJobInput!) { controlBulkJob(input: $input) { errors { code } } }`;
  const create = `mutation($input: CreateBulkJobInput!) { createBulkJob(input: $input) { job { id } } }`;
  const input = { clientMutationId: randomUUID(), conversationIds: [randomUUID()], action: { note: 'x' } };
  const { createBulkJob } = await ws.admin.ask<{ createBulkJob: { job: { id: string } } }>(create, { input });
  await ws.admin.ask(start, { input: { jobId: createBulkJob.job.id, action: 'START' } });
  type Told = { notifications: { edges: { node: { id: string } }[] } };
  const id = await eventually(async () => {
    const { notifications } = await ws.admin.ask<Told>(`{ notifications(first: 1) { edges { node { id } } } }`);
    return notifications.edges[0]?.node.id ?? Promise.reject(new Error('nobody is told yet'));
  });
  const client = new Client({ connectionString: here.running().databaseUrl });
  await client.connect();
  const { rows } = await client.query<{ event_id: string }>(
    'select event_id from conversation.outbox_event where key = $1',
    [id],
  );
  await client.end();
  return { notification: id, notificationEvent: rows[0]?.event_id ?? '' };
}

/** What told the workspace that its numbers are others. */
export async function overviewChangeOf(here: Installation, ws: Workspace): Promise<string> {
  const client = new Client({ connectionString: here.running().databaseUrl });
  await client.connect();
  const { rows } = await client.query<{ event_id: string }>(
    `select event_id from analytics.outbox_event
     where tenant_id = (select tenant_id from conversation.agent where id = $1) limit 1`,
    [ws.agentIds.agent],
  );
  await client.end();
  return rows[0]?.event_id ?? '';
}

/** Messages of the last hour that are understood again. */
async function reprocessingOf(ws: Workspace): Promise<string> {
  const [from, to] = [-3_600_000, 0].map((ms) => new Date(Date.now() + ms));
  const { reprocess } = await ws.supervisor.ask<{ reprocess: { reprocessing: { id: string } } }>(
    `mutation($input: ReprocessInput!) { reprocess(input: $input) { reprocessing { id } } }`,
    { input: { clientMutationId: randomUUID(), from, to } },
  );
  return reprocess.reprocessing.id;
}

/** A simulation that is done, with an event for which the rule would act. */
function simulationOf(ws: Workspace, ruleId: string): Promise<string> {
  const hourMs = 3_600_000;
  const [from, to] = [-hourMs, hourMs].map((ms) => new Date(Date.now() + ms).toISOString());
  return eventually(async () => {
    const input = { clientMutationId: randomUUID(), ruleId, from, to };
    const { simulateAutomationRules } = await ws.supervisor.ask<{
      simulateAutomationRules: { simulation: { id: string } };
    }>(
      `mutation($input: SimulateAutomationRulesInput!) { simulateAutomationRules(input: $input) { simulation { id } } }`,
      { input },
    );
    const { id } = simulateAutomationRules.simulation;
    await eventually(async () => expect(await gainedIn(ws, id)).not.toBeNull());
    expect(await gainedIn(ws, id)).toBeGreaterThan(0);
    return id;
  });
}

/** For how many events the first rule of a simulation would act; null until it is done. */
async function gainedIn(ws: Workspace, id: string): Promise<number | null> {
  const { ruleSimulation } = await ws.supervisor.ask<{
    ruleSimulation: { result: { rules: { gained: number }[] } | null };
  }>(`query($id: ID!) { ruleSimulation(id: $id) { result { rules { gained } } } }`, { id });
  return ruleSimulation.result?.rules[0]?.gained ?? null;
}

export async function templateOf(ws: Workspace, word: string): Promise<string> {
  const variables = [{ name: 'orderNumber', type: 'TEXT' }];
  const variants = [{ locale: 'en', text: `${word} {orderNumber}` }];
  const { upsertTemplate } = await ws.supervisor.ask<{ upsertTemplate: { template: { id: string } } }>(
    `mutation($input: UpsertTemplateInput!) { upsertTemplate(input: $input) { template { id } } }`,
    { input: { key: word, name: `${word} template`, situation: 'OTHER', variables, variants } },
  );
  return upsertTemplate.template.id;
}

/** A team with a queue, and nobody on duty. */
export async function teamOf(ws: Workspace, word: string): Promise<string> {
  const { saveTeam } = await ws.supervisor.ask<{ saveTeam: { team: { id: string } } }>(
    `mutation($team: SaveTeamInput!, $routing: SaveRoutingInput!, $again: SaveRoutingInput!) {
      saveTeam(input: $team) { team { id } } saveRouting(input: $routing) { errors { code } }
      again: saveRouting(input: $again) { errors { code } } }`,
    {
      team: { name: `${word} team`, memberIds: [ws.agentIds.agent] },
      routing: { isOn: true, rules: [], botWaitSeconds: 0, expectedVersion: 0 },
      // The cases say version 1, which is then an old one for all of them.
      again: { isOn: true, rules: [], botWaitSeconds: 0, expectedVersion: 1 },
    },
  );
  return saveTeam.team.id;
}

/** A published article, with a translation that has another number. */
export async function articleOf(ws: Workspace, word: string): Promise<string> {
  const questions = [`${word}: where is my order?`, `${word} asks about it`];
  const texts = [
    { locale: 'en', title: `${word} article`, body: `${word} takes 14 days.`, questions },
    { locale: 'de', title: `${word} Artikel`, body: `${word} dauert 30 Tage.`, questions },
  ];
  const scope = { type: 'FAQ', originalLocale: 'en', skus: [word] };
  const { upsertArticle } = await ws.supervisor.ask<{ upsertArticle: { article: { id: string } } }>(
    `mutation($input: UpsertArticleInput!) { upsertArticle(input: $input) { article { id } } }`,
    { input: { key: word, texts, ...scope } },
  );
  const { id } = upsertArticle.article;
  await ws.supervisor.ask(
    `mutation($id: ID!) { publishArticle(input: { articleId: $id, expectedVersion: 1 }) { errors { code } } }`,
    { id },
  );
  return id;
}

/** A question in a conversation that no article answers. */
export async function gapOf(ws: Workspace, conversationId: string, word: string): Promise<string> {
  const query = `query($id: ID!, $question: String!) {
    answer(question: $question, locale: "en", conversationId: $id) { gap { id } } }`;
  const { answer } = await ws.agent.ask<{ answer: { gap: { id: string } | null } | null }>(query, {
    id: conversationId,
    question: `${word}: xylophone mouthpieces?`,
  });
  return answer?.gap?.id ?? '';
}

/** A reply that is suggested from an article. */
export async function suggestionOf(ws: Workspace, conversationId: string): Promise<string> {
  const query = `query($id: ID!) { suggestedReplies(conversationId: $id) { replies { id } } }`;
  type Suggested = { suggestedReplies: { replies: { id: string }[] } | null };
  return eventually(async () => {
    const { suggestedReplies } = await ws.agent.ask<Suggested>(query, { id: conversationId });
    const [reply] = suggestedReplies?.replies ?? [];
    if (reply === undefined) throw new Error('nothing is suggested yet');
    return reply.id;
  });
}

/** A template that was sent. */
export async function decisionOf(ws: Workspace, conversationId: string, templateId: string): Promise<string> {
  const query = `mutation($input: SendTemplateInput!) { sendTemplate(input: $input) { decision { id } } }`;
  const input = { clientMutationId: 'planted', conversationId, templateId, locale: 'en' };
  const { sendTemplate } = await eventually(async () => {
    const sent = await ws.agent.ask<{ sendTemplate: { decision: { id: string } | null } }>(query, { input });
    expect(sent.sendTemplate.decision).not.toBeNull();
    return sent;
  });
  return sendTemplate.decision?.id ?? '';
}

/** Erases another customer: the messages of the first one have to stay. */
export async function erasureOf(
  here: Installation,
  ws: Workspace,
  shop: ConnectedAccount,
  buyer: string,
): Promise<string> {
  here.twin.buyerSays({ shop: shop.shop, buyer, content: { kind: 'text', text: 'forget me' } });
  const { id } = await eventually(async () => {
    const found = await conversationWith(ws.agent, shop.id, buyer);
    expect(found.customer).not.toBeNull();
    return found;
  });
  const { conversation } = await ws.admin.ask<{ conversation: { customer: { id: string } } }>(
    `query($id: ID!) { conversation(id: $id) { customer { id } } }`,
    { id },
  );
  const { eraseCustomer } = await ws.admin.ask<{ eraseCustomer: { erasure: { id: string } } }>(
    `mutation($id: ID!) { eraseCustomer(input: { customerId: $id }) { erasure { id } } }`,
    { id: conversation.customer.id },
  );
  return eraseCustomer.erasure.id;
}

/** A message with a file. */
export async function pictureFrom(
  here: Installation,
  ws: Workspace,
  phone: ConnectedAccount,
  word: string,
): Promise<string> {
  const buyer = `${word} photographer`;
  const url = 'https://photos.example/_twin/images/photo-1.png';
  here.twin.buyerSays({ shop: phone.shop, buyer, content: { kind: 'image', url, caption: word } });
  const conversation = await eventually(() => conversationWith(ws.agent, phone.id, buyer));
  return messagesOf(conversation)[0]?.id ?? '';
}

/** A text that was uploaded and belongs to nothing yet. */
export async function uploadOf(ws: Workspace, word: string): Promise<{ upload: string; attachment: string }> {
  const { id, attachmentId } = await uploadFile(ws.agent, `${word}.txt`, Uint8Array.from(Buffer.from(`${word} file`)));
  return { upload: id, attachment: attachmentId };
}

/** A reply whose outcome a person has to decide. */
export async function unknownReply(
  here: Installation,
  ws: Workspace,
  phone: ConnectedAccount,
  word: string,
): Promise<string> {
  here.twin.setReceipts('whatsapp', false);
  here.twin.faults.next('whatsapp', 'execute-then-reset');
  const buyer = `${word} caller`;
  here.twin.buyerSays({ shop: phone.shop, buyer, content: { kind: 'text', text: `${word} calls` } });
  const { id } = await eventually(() => conversationWith(ws.agent, phone.id, buyer));
  const input = { clientMutationId: `${word} reply`, conversationId: id, text: `${word} reply` };
  await ws.agent.ask(`mutation($input: SendMessageInput!) { sendMessage(input: $input) { errors { code } } }`, {
    input,
  });
  return eventually(async () => {
    const { unknownDeliveries } = await ws.admin.ask<{
      unknownDeliveries: { edges: { node: { message: { id: string } } }[] };
    }>(`{ unknownDeliveries(first: 1) { edges { node { message { id } } } } }`);
    const [edge] = unknownDeliveries.edges;
    if (edge === undefined) throw new Error('not unknown yet');
    return edge.node.message.id;
  });
}

/** A calendar, and a service level and a roster by its hours. */
export async function serviceLevelsOf(ws: Workspace, word: string): Promise<{ calendar: string; slaPolicy: string }> {
  const { saveCalendar } = await ws.supervisor.ask<{ saveCalendar: { calendar: { id: string } } }>(
    `mutation($input: SaveCalendarInput!) { saveCalendar(input: $input) { calendar { id } } }`,
    {
      input: {
        name: `${word} calendar`,
        timeZone: 'Europe/Berlin',
        weekly: [{ weekdays: ['MONDAY'], from: '09:00', to: '17:00' }],
      },
    },
  );
  const calendarId = saveCalendar.calendar.id;
  const { saveSlaPolicy } = await ws.supervisor.ask<{ saveSlaPolicy: { policy: { id: string } } }>(
    `mutation($input: SaveSlaPolicyInput!) { saveSlaPolicy(input: $input) { policy { id } } }`,
    { input: { name: `${word} policy`, calendarId, targets: [{ metric: 'FIRST_RESPONSE', minutes: 60 }] } },
  );
  const publish = `mutation($input: PublishRosterInput!) { publishRoster(input: $input) { errors { code } } }`;
  const from = new Date(Date.now() + 24 * 3_600_000).toISOString().slice(0, 10);
  await ws.supervisor.ask(publish, { input: { calendarId, agentIds: [ws.agentIds.agent], from } });
  return { calendar: calendarId, slaPolicy: saveSlaPolicy.policy.id };
}

/** Two conversations of a store that are one. */
export async function regroupingOf(
  here: Installation,
  ws: Workspace,
  shop: ConnectedAccount,
  word: string,
): Promise<string> {
  const says = async (buyer: string) => {
    here.twin.buyerSays({ shop: shop.shop, buyer, content: { kind: 'text', text: `${word} again` } });
    return eventually(() => conversationWith(ws.agent, shop.id, buyer));
  };
  const ids = [(await says(`${word} twin`)).id, (await says(`${word} other twin`)).id];
  return eventually(async () => {
    const versions = await Promise.all(
      ids.map(async (id) => {
        const { conversation } = await ws.agent.ask<{ conversation: { version: number } }>(
          `query($id: ID!) { conversation(id: $id) { version } }`,
          { id },
        );
        return { conversationId: id, expectedVersion: conversation.version };
      }),
    );
    const [into, ...from] = versions;
    const input = { into: into?.conversationId, expectedVersion: into?.expectedVersion, from, reason: `${word} twins` };
    const { mergeConversations } = await ws.agent.ask<{ mergeConversations: { regrouping: { id: string } | null } }>(
      `mutation($input: MergeConversationsInput!) { mergeConversations(input: $input) { regrouping { id } } }`,
      { input },
    );
    if (mergeConversations.regrouping === null) throw new Error('somebody changed one of them in between');
    return mergeConversations.regrouping.id;
  });
}

/** A view for everybody that shows every conversation. */
export async function viewOf(ws: Workspace, word: string): Promise<string> {
  const save = `mutation($input: SaveViewInput!) { saveView(input: $input) { view { id } errors { code } } }`;
  type Saved = { saveView: { view: { id: string } } };
  const { saveView } = await ws.supervisor.ask<Saved>(save, { input: { name: `${word} view`, scope: 'ALL' } });
  return saveView.view.id;
}

/** A text attribute of the workspace, and what somebody wrote into it. */
export async function attributeOf(ws: Workspace, conversationId: string, value: string): Promise<void> {
  const save = `mutation($input: SaveAttributeInput!) { saveAttribute(input: $input) { errors { code } } }`;
  const occasion = { key: 'occasion', labelZh: '场合', labelEn: 'Occasion', type: 'TEXT' };
  expect(await ws.supervisor.ask(save, { input: occasion })).toEqual({ saveAttribute: { errors: [] } });
  await eventually(async () => {
    const version = `query($id: ID!) { conversation(id: $id) { version } }`;
    type Read = { conversation: { version: number } };
    const { conversation } = await ws.agent.ask<Read>(version, { id: conversationId });
    const input = { conversationId, expectedVersion: conversation.version, values: [{ key: 'occasion', value }] };
    const set = `mutation($input: SetConversationAttributesInput!) { setConversationAttributes(input: $input) { errors { code } } }`;
    expect(await ws.agent.ask(set, { input })).toEqual({ setConversationAttributes: { errors: [] } });
  });
}

/** A statement that writes down why somebody merged the conversation $1 with others. */
export function regroupingBecause(reason: string): string {
  return `insert into conversation.regrouping (tenant_id, id, conversation_id, other_ids, reason, at, details)
    select tenant_id, gen_random_uuid(), id, '{}', '${reason}', now(), '{}' from conversation.conversation where id = $1`;
}
