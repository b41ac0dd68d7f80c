import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { newId } from '@crossdesk/contracts';
import { readSupergraph } from '@crossdesk/gateway';
import { eventually } from '@crossdesk/testkit';
import { buildSchema } from 'graphql';
import { Secret, TOTP } from 'otpauth';
import { Client } from 'pg';
import type { Api } from './support/api.ts';
import { auditedActions } from './support/audited.ts';
import { deliver, signGeneric } from './support/generic-delivery.ts';
import { workOnCustomer } from './support/write-unasked.ts';
import { conversationWith, messagesOf } from './support/inbox.ts';
import { type Installation, openInstallation } from './support/installation.ts';
import { regroup } from './support/regroup.ts';
import { type ConnectedAccount, connectShop, setUpFirstWorkspace, type Workspace } from './support/workspace.ts';

const schema = buildSchema(await readSupergraph(), { assumeValid: true });
const mutations = Object.values(schema.getMutationType()?.getFields() ?? {});
/** Changes nothing in the workspace but a session (ADR 0026, 0090), or is what a person notes for themselves while they type or read (ADR 0080). */
const unaudited = [
  'signIn',
  'completeSignIn',
  'refreshSession',
  'saveDraft',
  'markSeen',
  'setPresence',
  'markNotificationsRead',
];

let here: Installation;
let lumina: Workspace;
let shop: ConnectedAccount;
/** The accepted mutations. */
let performed: string[];

beforeAll(async () => {
  here = await openInstallation();
  lumina = await setUpFirstWorkspace((token) => here.api(token), here.running().setupCode, 'lumina');
  shop = await connectShop(lumina.admin, here.twin, 'generic', 'lumina-web');
  performed = ['createWorkspace', 'createAgent', 'createAgent', 'connectChannelAccount'];
}, 60_000);
afterAll(() => here.close());

/** Performs a mutation and returns the `selection` of its payload. */
async function perform(api: Api, name: string, input: object | null = null, selection = ''): Promise<unknown> {
  const type = String(mutations.find((mutation) => mutation.name === name)?.args[0]?.type);
  const [variables, given] = input === null ? ['', ''] : [`($input: ${type})`, '(input: $input)'];
  const query = `mutation${variables} { ${name}${given} { errors { code } ${selection} } }`;
  const answer = await api.ask<Record<string, { errors: unknown[] }>>(query, { input });
  expect({ name, errors: answer[name]?.errors }).toEqual({ name, errors: [] });
  if (!unaudited.includes(name)) performed.push(name);
  return answer[name];
}

async function workOnConversation(): Promise<void> {
  const { agent, agentIds } = lumina;
  await perform(lumina.supervisor, 'setTranslationSettings', { targetLocale: 'zh-CN', mode: 'ON_DEMAND' });
  await perform(lumina.supervisor, 'setAutomationPolicy', { mode: 'AUTO', expectedVersion: 0 });
  here.twin.buyerSays({ shop: shop.shop, buyer: 'Mei', content: { kind: 'text', text: 'Where is it?' } });
  const { id } = await eventually(async () => {
    const found = await conversationWith(agent, shop.id, 'Mei');
    expect(found.customer).not.toBeNull();
    return found;
  });
  const current = async () => ({
    conversationId: id,
    expectedVersion: (await conversationWith(agent, shop.id, 'Mei')).version,
  });
  await perform(agent, 'markConversationRead', await current());
  await perform(agent, 'assignConversation', { ...(await current()), agentId: agentIds.agent });
  await perform(agent, 'setConversationPriority', { ...(await current()), priority: 'HIGH' });
  await perform(agent, 'setConversationState', { ...(await current()), state: 'HANDLED' });
  await perform(agent, 'classifyConversation', { ...(await current()), type: 'REFUND', subtype: 'Partial' });
  here.twin.buyerSays({ shop: shop.shop, buyer: 'Lee', content: { kind: 'text', text: 'Hello' } });
  here.twin.buyerSays({
    shop: shop.shop,
    buyer: 'Lee',
    content: { kind: 'text', text: 'It arrived broken, terrible quality.' },
  });
  // What else is found out about the message changes the version in between.
  await eventually(async () => {
    const { id: conversationId } = await conversationWith(agent, shop.id, 'Lee');
    const marked = await agent.ask<{ conversation: { version: number; marks: { kind: string }[] } }>(
      'query ($id: ID!) { conversation(id: $id) { version marks { kind } } }',
      { id: conversationId },
    );
    expect(marked.conversation.marks.map(({ kind }) => kind)).toContain('COMPLAINT');
    const { version: expectedVersion } = marked.conversation;
    await perform(agent, 'judgeMark', { conversationId, expectedVersion, mark: 'COMPLAINT', verdict: 'CONFIRMED' });
  });
  const size = { key: 'size', labelZh: '尺寸', labelEn: 'Size', type: 'NUMBER' };
  await perform(lumina.supervisor, 'saveAttribute', size);
  await perform(agent, 'setConversationAttributes', { ...(await current()), values: [{ key: 'size', value: '4' }] });
  await perform(agent, 'snoozeConversation', await current());
  await perform(agent, 'closeConversation', await current());
  await perform(agent, 'reopenConversation', await current());
  await perform(agent, 'addConversationTags', { conversationId: id, tags: ['gift'] });
  await perform(agent, 'removeConversationTags', { conversationId: id, tags: ['gift'] });
  await perform(lumina.supervisor, 'upsertConversationTag', { name: 'gift', colour: 'GREEN' });
  const file = { clientMutationId: 'file', name: 'guide.pdf', bytes: 1_000, purpose: 'NOTE' };
  await perform(agent, 'createUpload', file);
  await perform(agent, 'addNote', { conversationId: id, clientMutationId: 'note', text: 'A regular' });
  await workOnMany(id);
  await workTogether(id, current);
  await regroup({ here, agent, shop, perform });
  await workOnCustomer({ here, lumina, shop, conversationId: id, perform });
  await perform(agent, 'returnToBot', { conversationId: id });
  await translateQuestion();
  await translateReply(id);
  await askAssistant(id);
  await perform(agent, 'sendMessage', { conversationId: id, clientMutationId: 'reply', text: 'On its way' });
}

/** What a job that is started does is written down for each part of it: see the tests of its service. */
async function workOnMany(conversationId: string): Promise<void> {
  const wish = { clientMutationId: 'many', conversationIds: [conversationId], action: { addTags: ['many'] } };
  const made = await perform(lumina.supervisor, 'createBulkJob', wish, 'job { id }');
  const { job } = made as { readonly job: { readonly id: string } };
  await perform(lumina.supervisor, 'controlBulkJob', { jobId: job.id, action: 'CANCEL' });
  const macro = { clientMutationId: 'macro', name: 'Thanks', scope: 'OWN', actions: [{ note: 'Thanked' }] };
  const saved = await perform(lumina.agent, 'saveMacro', macro, 'macro { id }');
  const { id: macroId } = (saved as { readonly macro: { readonly id: string } }).macro;
  await perform(lumina.agent, 'runMacro', { clientMutationId: 'run', macroId, conversationId });
  await perform(lumina.agent, 'deleteMacro', { macroId });
  await perform(lumina.agent, 'markNotificationsRead', {});
  await perform(lumina.agent, 'setNotificationPreferences', { zone: 'Asia/Shanghai', expectedVersion: 0 });
}

async function workOnCase(conversationId: string, otherId: string): Promise<void> {
  const { agent, agentIds } = lumina;
  const wish = {
    clientMutationId: 'case',
    conversationId,
    type: 'RETURN',
    title: 'Wrong size',
    ownerId: agentIds.agent,
  };
  const made = await perform(agent, 'escalateConversation', wish, 'case { id }');
  const { id: caseId } = (made as { readonly case: { readonly id: string } }).case;
  await perform(agent, 'setCaseState', { caseId, state: 'WAITING', expectedVersion: 1 });
  await perform(agent, 'updateCase', { caseId, title: 'Far too small', expectedVersion: 2 });
  await perform(agent, 'assignCase', { caseId, ownerId: agentIds.supervisor, expectedVersion: 3 });
  await perform(agent, 'watchCase', { caseId });
  await perform(agent, 'addCaseNote', { clientMutationId: 'case note', caseId, text: 'Label sent' });
  await perform(agent, 'linkCase', { caseId, conversationId: otherId });
  await perform(agent, 'unlinkCase', { caseId, conversationId: otherId });
}

async function workTogether(conversationId: string, current: () => Promise<object>): Promise<void> {
  const { agent, agentIds } = lumina;
  const colleague = { conversationId, agentId: agentIds.supervisor };
  await perform(agent, 'watchConversation', { conversationId });
  await perform(agent, 'unwatchConversation', { conversationId });
  await perform(agent, 'addConversationMember', colleague);
  await perform(agent, 'removeConversationMember', colleague);
  await perform(agent, 'saveDraft', { conversationId, text: 'Dear', basis: 1, expectedVersion: 0 });
  const [message] = messagesOf(await conversationWith(agent, shop.id, 'Mei'));
  await perform(agent, 'markSeen', { conversationId, upToMessageId: message?.id });
  await perform(agent, 'setPresence', { conversationId, state: 'TYPING' });
  await perform(agent, 'transferConversation', { ...colleague, ...(await current()), reason: 'Late shift' });
}

/** Waits until automation has the message, too. */
async function translateQuestion(): Promise<void> {
  const [message] = messagesOf(await conversationWith(lumina.agent, shop.id, 'Mei'));
  const query = `query($id: ID!) { message(id: $id) { translations { state } } }`;
  await eventually(async () => {
    const found = await lumina.agent.ask(query, { id: message?.id });
    expect(found).toEqual({ message: { translations: [{ state: 'WAITING' }] } });
  });
  await perform(lumina.agent, 'translateMessage', { messageId: message?.id });
}

/** Nothing answers at the address of the model: what it was asked is audited all the same. */
async function askAssistant(conversationId: string): Promise<void> {
  const model = { baseUrl: 'http://127.0.0.1:9/v1', model: 'ours', purposes: ['DRAFT'], tokensPerMonthMax: 1_000_000 };
  await perform(lumina.admin, 'connectAssistant', model);
  await perform(lumina.admin, 'testAssistant');
  await eventually(() => perform(lumina.agent, 'draftReply', { conversationId }));
  await perform(lumina.agent, 'summariseConversation', { conversationId, locale: 'zh-CN' });
  await perform(lumina.admin, 'disconnectAssistant');
}

/** Nothing answers at the address of the engine: a reply without a translation is written down as well. */
async function translateReply(conversationId: string): Promise<void> {
  const { admin, agent } = lumina;
  const engine = { kind: 'LIBRETRANSLATE', displayName: 'Ours', baseUrl: 'http://127.0.0.1:9' };
  const made = await perform(admin, 'connectTranslationProvider', engine, 'provider { id }');
  const draft = { conversationId, text: 'Your parcel is on its way to you', sourceLocale: 'en', targetLocale: 'de' };
  const draftMade = await perform(agent, 'translateDraft', draft, 'translation { id }');
  const { translation } = draftMade as { readonly translation: { readonly id: string } };
  await perform(agent, 'approveTranslation', { translationId: translation.id, text: 'Ihr Paket ist unterwegs.' });
  const word = { sourceLocale: 'en', targetLocale: 'de', source: 'parcel', target: 'Paket' };
  const termMade = await perform(admin, 'upsertGlossaryTerm', word, 'term { id }');
  const { term } = termMade as { readonly term: { readonly id: string } };
  await perform(admin, 'deleteGlossaryTerm', { termId: term.id });
  const tmx = '<tmx version="1.4"><header/><body></body></tmx>';
  await perform(admin, 'importTranslationMemory', { tmx, sourceLocale: 'en', targetLocale: 'de' });
  const { provider } = made as { readonly provider: { readonly id: string } };
  await perform(admin, 'disconnectTranslationProvider', { providerId: provider.id });
}

/** A person decides the outcome of a reply when the platform does not tell it. */
async function settleUnknownReply(): Promise<void> {
  const phone = await connectShop(lumina.admin, here.twin, 'whatsapp', '106500000000001');
  performed.push('connectChannelAccount');
  here.twin.setReceipts('whatsapp', false);
  here.twin.faults.next('whatsapp', 'execute-then-reset');
  here.twin.buyerSays({ shop: phone.shop, buyer: 'Bo', content: { kind: 'text', text: 'Hello?' } });
  const { id } = await eventually(() => conversationWith(lumina.agent, phone.id, 'Bo'));
  await perform(lumina.agent, 'sendMessage', { conversationId: id, clientMutationId: 'call', text: 'Yes?' });
  const messageId = await eventually(async () => {
    type Unknown = { unknownDeliveries: { edges: { node: { message: { id: string } } }[] } };
    const query = `{ unknownDeliveries(first: 1) { edges { node { message { id } } } } }`;
    const [edge] = (await lumina.admin.ask<Unknown>(query)).unknownDeliveries.edges;
    expect(edge).toBeDefined();
    return edge?.node.message.id;
  });
  await perform(lumina.admin, 'resolveUnknownDelivery', { messageId, decision: 'SENT' });
  await fetchAgain(phone);
}

/** A file that could not be fetched; here it is only said so. */
async function fetchAgain(phone: ConnectedAccount): Promise<void> {
  const url = 'https://photos.example/_twin/images/photo-1.png';
  here.twin.buyerSays({ shop: phone.shop, buyer: 'Di', content: { kind: 'image', url, caption: null } });
  const messageId = await eventually(async () => {
    const [message] = messagesOf(await conversationWith(lumina.agent, phone.id, 'Di'));
    expect(message?.media?.state).toBe('READY');
    return message?.id;
  });
  const client = new Client({ connectionString: here.running().databaseUrl });
  await client.connect();
  await client.query(`update ingest.media set state = 'failed' where message_id = $1`, [messageId]);
  await client.end();
  await perform(lumina.agent, 'retryMedia', { messageId });
}

/** Work that waits for a person, is taken, given back and spread. */
async function routeWork(): Promise<void> {
  const { agent, supervisor, agentIds } = lumina;
  const team = { name: 'Desk', memberIds: [agentIds.agent, agentIds.supervisor] };
  const made = await perform(supervisor, 'saveTeam', team, 'team { id version }');
  const { id: teamId, version } = (made as { readonly team: { readonly id: string; readonly version: number } }).team;
  await perform(supervisor, 'setAgentSkills', {
    agentId: agentIds.agent,
    skills: [{ kind: 'LANGUAGE', value: 'fr', level: 4 }],
  });
  await perform(supervisor, 'setAgentCapacity', { agentId: agentIds.agent, capacity: 10 });
  await perform(supervisor, 'saveRouting', { isOn: true, rules: [], botWaitSeconds: 0, expectedVersion: 0 });
  const says = async (buyer: string) => {
    here.twin.buyerSays({ shop: shop.shop, buyer, content: { kind: 'text', text: 'Hello' } });
    return (await eventually(() => conversationWith(agent, shop.id, buyer))).id;
  };
  const conversationId = await says('Zoe');
  const routing = `query($id: ID!) { conversation(id: $id) { assignee { id } routing { queued { team { id } } } } }`;
  type Routed = {
    conversation: { assignee: { id: string } | null; routing: { queued: { team: object | null } | null } };
  };
  const routed = async (id: string) => (await agent.ask<Routed>(routing, { id })).conversation;
  await eventually(async () => expect((await routed(conversationId)).routing.queued?.team).toBeTruthy());
  const next = await perform(agent, 'claimNextConversation', null, 'conversation { id }');
  const { id: taken } = (next as { readonly conversation: { readonly id: string } }).conversation;
  await perform(agent, 'declineConversation', { conversationId: taken });
  await perform(supervisor, 'claimConversation', { conversationId: taken });
  await perform(agent, 'setDuty', { isOnDuty: true });
  const further = [await says('Yan'), await says('Xia')];
  for (const id of further) {
    await eventually(async () => expect((await routed(id)).assignee?.id).toBe(agentIds.agent));
  }
  await workOnCase(conversationId, further[0] ?? '');
  await perform(supervisor, 'setDuty', { isOnDuty: true });
  await perform(supervisor, 'rebalanceQueue', { teamId }, 'moved');
  await perform(supervisor, 'saveRouting', { isOn: false, rules: [], expectedVersion: 1 });
  await perform(supervisor, 'archiveTeam', { teamId, expectedVersion: version });
}

/** An app that accounts of a platform share, and the start of a seller's authorisation with it. */
async function registerApp(): Promise<void> {
  const credentials = [
    { name: 'partner_id', value: '2000001' },
    { name: 'partner_key', value: 'a key of the app' },
  ];
  const input = { channel: 'SHOPEE', displayName: 'Our app', credentials };
  const made = await perform(lumina.admin, 'registerChannelApp', input, 'app { id }');
  const { app } = made as { readonly app: { readonly id: string } };
  await perform(lumina.admin, 'startChannelAuthorisation', { appId: app.id });
}

async function prepareReplies(): Promise<void> {
  const variants = [{ locale: 'en', text: 'Thank you!' }];
  const input = { key: 'thanks', name: 'Thanks', situation: 'GOODBYE', variants };
  const made = await perform(lumina.admin, 'upsertTemplate', input, 'template { id }');
  const { template } = made as { readonly template: { readonly id: string } };
  const { id } = await conversationWith(lumina.agent, shop.id, 'Mei');
  const sent = { clientMutationId: 'thanks', conversationId: id, templateId: template.id, locale: 'en' };
  await perform(lumina.agent, 'sendTemplate', sent);
  // The conversation service writes the message, which is an act of its own.
  await eventually(async () => {
    const messages = messagesOf(await conversationWith(lumina.agent, shop.id, 'Mei'));
    expect(messages.map(({ text }) => text)).toContain('Thank you!');
  });
  performed.push('sendMessage');
  const disabled = { templateId: template.id, expectedVersion: 1, isEnabled: false };
  await perform(lumina.admin, 'setTemplateEnabled', disabled);
}

async function writeArticle(): Promise<void> {
  const { admin } = lumina;
  const texts = [{ locale: 'en', title: 'Returns', body: 'Within 14 days.' }];
  const input = { key: 'returns', type: 'FAQ', originalLocale: 'en', texts };
  const made = await perform(admin, 'upsertArticle', input, 'article { id }');
  const { id: articleId } = (made as { readonly article: { readonly id: string } }).article;
  await perform(admin, 'publishArticle', { articleId, expectedVersion: 1 });
  const ask = `{ answer(question: "Do you sell xylophones?", locale: "en") { gap { id } } }`;
  const { answer } = await admin.ask<{ answer: { gap: { id: string } } }>(ask);
  await perform(admin, 'settleKnowledgeGap', { gapId: answer.gap.id, articleId });
  const question = 'Within how many days are returns possible?';
  here.twin.buyerSays({ shop: shop.shop, buyer: 'Li', content: { kind: 'text', text: question } });
  const { id: conversationId } = await eventually(() => conversationWith(lumina.agent, shop.id, 'Li'));
  const suggestions = `query($id: ID!) { suggestedReplies(conversationId: $id) { replies { id } } }`;
  await eventually(async () => {
    type Suggested = { suggestedReplies: { replies: { id: string }[] } | null };
    const { suggestedReplies } = await admin.ask<Suggested>(suggestions, { id: conversationId });
    const [reply] = suggestedReplies?.replies ?? [];
    if (reply === undefined) throw new Error('nothing is suggested yet');
    await perform(admin, 'settleSuggestion', { suggestionId: reply.id, outcome: 'USED' });
  });
  const reply = { clientMutationId: 'returns', conversationId, text: 'Returns are possible within 14 days.' };
  await perform(lumina.agent, 'sendMessage', reply);
  await eventually(() => perform(admin, 'draftArticleFromConversation', { conversationId }));
  await perform(admin, 'archiveArticle', { articleId, expectedVersion: 2 });
}

async function writeRules(): Promise<void> {
  const { admin } = lumina;
  const rule = { name: 'Handle', trigger: 'MESSAGE', actions: [{ type: 'STATE', value: 'handled' }] };
  const made = await perform(admin, 'createAutomationRule', { clientMutationId: 'rule', rule }, 'rule { id }');
  const { id: ruleId } = (made as { readonly rule: { readonly id: string } }).rule;
  await perform(admin, 'updateAutomationRule', { ruleId, expectedVersion: 1, rule: { ...rule, name: 'Done' } });
  await perform(admin, 'setAutomationRuleMode', { ruleId, expectedVersion: 2, mode: 'SHADOW' });
  const other = { clientMutationId: 'other rule', rule };
  const { id: second } = (
    (await perform(admin, 'createAutomationRule', other, 'rule { id }')) as {
      readonly rule: { readonly id: string };
    }
  ).rule;
  const span = { from: '2026-01-01T00:00:00.000Z', to: '2026-02-01T00:00:00.000Z' };
  await perform(admin, 'simulateAutomationRules', { clientMutationId: 'what if', draft: rule, ...span });
  await perform(admin, 'reprocess', { clientMutationId: 'again', ...span });
  await perform(admin, 'reorderAutomationRules', { ruleIds: [second, ruleId] });
  await perform(admin, 'deleteAutomationRule', { ruleId, expectedVersion: 4 });
}

/** Views of the inbox. */
async function arrangeViews(): Promise<void> {
  const { agent } = lumina;
  const made = await perform(agent, 'saveView', { name: 'Everything', scope: 'OWN' }, 'view { id }');
  const { id: viewId } = (made as { readonly view: { readonly id: string } }).view;
  await perform(agent, 'orderViews', { viewIds: [viewId] });
  await perform(agent, 'deleteView', { viewId, expectedVersion: 1 });
}

/** Hours of work, and in which time buyers are answered. */
async function planHours(): Promise<void> {
  const { supervisor } = lumina;
  const weekly = [{ weekdays: ['MONDAY'], from: '09:00', to: '17:00' }];
  const calendar = { name: 'Berlin', timeZone: 'Europe/Berlin', weekly };
  const made = await perform(supervisor, 'saveCalendar', calendar, 'calendar { id }');
  const { id: calendarId } = (made as { readonly calendar: { readonly id: string } }).calendar;
  const agentIds = [lumina.agentIds.agent];
  await perform(supervisor, 'publishRoster', { calendarId, agentIds, from: new Date().toISOString().slice(0, 10) });
  await perform(supervisor, 'deleteCalendar', { calendarId, expectedVersion: 1 });
  const targets = [{ metric: 'FIRST_RESPONSE', minutes: 60 }];
  await perform(supervisor, 'saveSlaPolicy', { name: 'An hour', targets });
  await perform(lumina.admin, 'setPlatformDeadline', { channel: 'SHOPEE', minutes: 600 });
}

/** Nothing listens at the address, which is audited all the same. */
async function pushEvents(): Promise<void> {
  const { admin } = lumina;
  const address = { url: 'http://127.0.0.1:9/', description: 'Ours', eventTypes: ['*'] };
  const made = await perform(admin, 'saveWebhookEndpoint', { ...address, clientMutationId: 'hook' }, 'endpoint { id }');
  const { id: endpointId } = (made as { readonly endpoint: { readonly id: string } }).endpoint;
  await perform(admin, 'rotateWebhookSecret', { endpointId });
  await perform(admin, 'testWebhookEndpoint', { endpointId });
  const span = { from: '2026-01-01T00:00:00.000Z', to: '2026-02-01T00:00:00.000Z' };
  await perform(admin, 'replayWebhooks', { endpointId, ...span });
  await perform(admin, 'deleteWebhookEndpoint', { endpointId });
}

/** A delivery that cannot be parsed is parked; it can be discarded, or replayed once it can be parsed. */
async function replayParked(): Promise<void> {
  expect(await deliver(shop.webhookUrl, signGeneric(shop, '{"broken'))).toBe(200);
  type Parked = { parkedWebhooks: { edges: { node: { id: string } }[] } };
  const query = `{ parkedWebhooks(first: 1) { edges { node { id } } } }`;
  const [edge] = (await lumina.admin.ask<Parked>(query)).parkedWebhooks.edges;
  const mended = JSON.stringify({ type: 'nothing.new', timestamp: '2026-01-02T02:59:58.123Z', data: {} });
  const client = new Client({ connectionString: here.running().databaseUrl });
  await client.connect();
  await client.query(`update ingest.raw_payload set body = $1 where id in (select raw_id from ingest.parked_webhook)`, [
    Buffer.from(mended),
  ]);
  await client.end();
  await perform(lumina.admin, 'replayParkedWebhook', { parkedWebhookId: edge?.node.id });
  expect(await deliver(shop.webhookUrl, signGeneric(shop, '{"unwanted'))).toBe(200);
  const [unwanted] = (await lumina.admin.ask<Parked>(query)).parkedWebhooks.edges;
  await perform(lumina.admin, 'discardParkedWebhook', { parkedWebhookId: unwanted?.node.id });
}

async function manageWorkspace(): Promise<void> {
  const { admin, agentIds } = lumina;
  const agentId = agentIds.supervisor;
  await endSessions();
  await perform(admin, 'updateAgent', { agentId, expectedVersion: 1, role: 'AGENT' });
  const role = await perform(admin, 'saveRole', { clientMutationId: 'role', name: 'own', reach: 'OWN' }, 'role { id }');
  const { id: roleId } = (role as { readonly role: { readonly id: string } }).role;
  await perform(admin, 'assignRole', { agentId, roleId, expectedVersion: 2 });
  await perform(admin, 'assignRole', { agentId, roleId: null, expectedVersion: 3 });
  await perform(admin, 'deleteRole', { roleId });
  await perform(admin, 'resetPassword', { agentId, password: 'another long password' });
  const robot = { name: 'robot', role: 'AGENT', scopes: ['CONVERSATION_READ'], expiresInDays: 30 };
  const made = await perform(admin, 'createApiToken', robot, 'apiToken { id }');
  const { apiToken } = made as { readonly apiToken: { readonly id: string } };
  await perform(admin, 'revokeApiToken', { apiTokenId: apiToken.id });
  const lowered = { channel: 'TIKTOK_SHOP', rule: 'FOREIGN_LINK', severity: 'WARN', expectedVersion: 0 };
  await perform(admin, 'setLintRule', lowered);
  await perform(admin, 'eraseCustomer', { customerId: await customerOf('Mei') });
  await perform(admin, 'setStoreHoliday', { accountId: shop.id, until: new Date(Date.now() + 60_000).toISOString() });
  const list = await connectShop(admin, here.twin, 'shopee', '850000001');
  performed.push('connectChannelAccount');
  await perform(admin, 'resync', { accountId: list.id, from: new Date(Date.now() - 60_000).toISOString() });
  await perform(admin, 'setSyncFrequency', { accountId: shop.id, frequency: 'EVERY_30_MIN' });
  await perform(admin, 'syncChannelAccount', { accountId: shop.id });
  await perform(admin, 'disableChannelAccount', { accountId: shop.id });
  await perform(lumina.agent, 'signOut');
  await requireSecondFactors(lumina);
  await perform(admin, 'changePassword', {
    currentPassword: 'a long enough password',
    newPassword: 'yet another long one',
  });
}

/** The code of a new authenticator app, and the one after it. */
async function codesOfApp(api: Api): Promise<{ readonly code: string; readonly next: string }> {
  const begun = await perform(api, 'beginSecondFactor', {}, 'secret');
  const { secret } = begun as { readonly secret: string };
  const totp = new TOTP({ secret: Secret.fromBase32(secret) });
  return { code: totp.generate(), next: totp.generate({ timestamp: Date.now() + 30_000 }) };
}

/** An authenticator app that is reset, and sessions that are ended. */
async function endSessions(): Promise<void> {
  const { admin, supervisor, agentIds } = lumina;
  const agentId = agentIds.supervisor;
  await perform(supervisor, 'confirmSecondFactor', { code: (await codesOfApp(supervisor)).code });
  const query = `query($agentId: ID!) { sessions(agentId: $agentId) { id } }`;
  const [session] = (await admin.ask<{ sessions: { id: string }[] }>(query, { agentId })).sessions;
  await perform(admin, 'endSession', { sessionId: session?.id });
  await perform(admin, 'endOtherSessions');
  await perform(admin, 'resetSecondFactor', { agentId });
}

/** All but the admin are signed out by this. */
async function requireSecondFactors({ admin }: Workspace): Promise<void> {
  const { code, next } = await codesOfApp(admin);
  await perform(admin, 'confirmSecondFactor', { code });
  await perform(admin, 'requireSecondFactor', { isRequired: true });
  await perform(admin, 'requireSecondFactor', { isRequired: false });
  await perform(admin, 'disableSecondFactor', { code: next });
}

async function customerOf(buyer: string): Promise<string> {
  const { id } = await conversationWith(lumina.agent, shop.id, buyer);
  const query = `query($id: ID!) { conversation(id: $id) { customer { id } } }`;
  const { conversation } = await lumina.agent.ask<{ conversation: { customer: { id: string } } }>(query, { id });
  return conversation.customer.id;
}

test('every accepted mutation adds an entry with its name to the audit chain', async () => {
  await workOnConversation();
  await settleUnknownReply();
  await replayParked();
  await pushEvents();
  // The entry records the request for a replay, even when nothing waits; it is in the chain of the service.
  const consumers = ['ingest.replies', 'conversation.inbox', 'crm.links', 'automation.language', 'analytics.inbox'];
  for (const consumer of consumers) await perform(lumina.admin, 'replayDeadLetters', { consumer, key: newId() });
  await routeWork();
  await registerApp();
  await prepareReplies();
  await writeRules();
  await writeArticle();
  await planHours();
  await arrangeViews();
  await manageWorkspace();
  // A new mutation has to be performed above as well.
  expect([...new Set([...performed, ...unaudited])].toSorted()).toEqual(mutations.map(({ name }) => name).toSorted());
  expect((await auditedActions(lumina.admin)).toSorted()).toEqual(performed.toSorted());
}, 60_000);
