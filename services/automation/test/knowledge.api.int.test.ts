import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type MessageId, newId, type TenantId } from '@crossdesk/contracts';
import { anAgent, ask, openHarness, type TestHarness } from '@crossdesk/testkit';
import { type AutomationService, openAutomation } from '../src/app.ts';
import { tellExpiring } from '../src/knowledge/article/tell-expiring.ts';
import {
  type Answer,
  answerQuery,
  changeArticle,
  english,
  german,
  givenArticle,
  givenBuyer,
  givenNext,
  givenOffers,
  givenSolved,
  namesOf,
  returns,
  settled,
  suggestionsFor,
} from './knowledge.support.ts';
import { botSaid, handsOver, read, said } from './rule.support.ts';

let harness: TestHarness;
let automation: AutomationService;

beforeAll(async () => {
  harness = await openHarness();
  automation = await openAutomation(harness.deps);
  await automation.start();
});

afterAll(async () => {
  await automation.stop(5_000);
  await harness.close();
});

const listQuery = `query ($filter: ArticleFilter, $at: DateTime, $after: String, $first: Int!) {
  articles(filter: $filter, after: $after, first: $first) { totalCount pageInfo { endCursor hasNextPage }
    edges { node { key content { title } inForce(at: $at) { content { title } } } } } }`;

interface Page {
  readonly totalCount: number;
  readonly pageInfo: { readonly endCursor: string | null; readonly hasNextPage: boolean };
  readonly edges: readonly {
    readonly node: { readonly key: string; readonly inForce: { readonly content: { readonly title: string } } | null };
  }[];
}

async function list(tenantId: TenantId, filter: object | null, variables: object = {}): Promise<Page> {
  return (await read(automation, tenantId, listQuery, { first: 50, filter, ...variables }))['articles'] as Page;
}

const keysIn = ({ edges }: Page) => edges.map(({ node }) => node.key);
const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();

test('S3-8.2: an agent writes an article, a supervisor publishes it; later words wait until they are published too', async () => {
  const tenantId = newId<TenantId>();
  const draft = await changeArticle(automation, tenantId, 'upsertArticle', returns, 'agent');
  expect(draft.article).toMatchObject({ version: 1, state: 'DRAFT', inForce: null });
  const id = draft.article?.id ?? '';
  const publish = `mutation ($id: ID!, $v: Int!) { publishArticle(input: { articleId: $id, expectedVersion: $v }) { errors { code } } }`;
  const { errors } = await ask(automation.subgraph, anAgent(tenantId), publish, { id, v: 1 });
  expect(errors).toMatchObject([{ code: 'FORBIDDEN' }]);
  const published = await changeArticle(automation, tenantId, 'publishArticle', { articleId: id, expectedVersion: 1 });
  expect(published.article).toMatchObject({ version: 2, state: 'PUBLISHED', hasUnpublishedChanges: false });
  const next = { ...returns, expectedVersion: 2, texts: [{ ...english, title: 'Returns' }, german] };
  const edited = await changeArticle(automation, tenantId, 'upsertArticle', next);
  expect(edited.article).toMatchObject({
    version: 3,
    state: 'PUBLISHED',
    hasUnpublishedChanges: true,
    content: { title: 'Returns' },
    inForce: { version: 2, content: { title: english.title } },
  });
  const old = await changeArticle(automation, tenantId, 'publishArticle', { articleId: id, expectedVersion: 2 });
  expect(old).toMatchObject({ article: { version: 3 }, errors: [{ code: 'VERSION_CONFLICT' }] });
  await changeArticle(automation, tenantId, 'publishArticle', { articleId: id, expectedVersion: 3 });
  const put = await changeArticle(automation, tenantId, 'archiveArticle', { articleId: id, expectedVersion: 4 });
  expect(put.article).toMatchObject({ version: 5, state: 'ARCHIVED', inForce: null });
  const history = `query ($id: ID!, $after: String) { article(id: $id) { history(first: 3, after: $after) {
    pageInfo { hasNextPage endCursor } edges { node { version change agentId inForceTo content { title } } } } } }`;
  type History = {
    history: {
      pageInfo: { endCursor: string; hasNextPage: boolean };
      edges: { node: { version: number; change: string } }[];
    };
  };
  const page = async (after: string | null) =>
    ((await read(automation, tenantId, history, { id, after }))['article'] as History).history;
  const last = await page(null);
  expect(last.edges.map(({ node }) => [node.version, node.change])).toEqual([
    [5, 'ARCHIVED'],
    [4, 'PUBLISHED'],
    [3, 'WRITTEN'],
  ]);
  expect(last.edges[0]?.node).toMatchObject({ agentId: expect.any(String), inForceTo: null });
  expect((await page(last.pageInfo.endCursor)).edges.map(({ node }) => node.version)).toEqual([2, 1]);
  const events = await harness.events.count('automation.article-changed', 5, (event) => event.tenantId === tenantId);
  expect(events.map(({ data }) => [data.change, data.publishedVersion])).toEqual([
    ['written', null],
    ['published', 2],
    ['written', 2],
    ['published', 4],
    ['archived', null],
  ]);
  expect(JSON.stringify(events)).not.toContain('Returns');
});

test('a repeated request changes nothing; an old version is refused with the present article', async () => {
  const tenantId = newId<TenantId>();
  const both = await Promise.all([
    changeArticle(automation, tenantId, 'upsertArticle', returns),
    changeArticle(automation, tenantId, 'upsertArticle', { ...returns, texts: [german, english] }),
  ]);
  expect(both.map(({ errors }) => errors)).toEqual([[], []]);
  expect(both[0]?.article).toEqual(both[1]?.article);
  const old = { ...returns, expectedVersion: 7, type: 'POLICY' };
  expect(await changeArticle(automation, tenantId, 'upsertArticle', old)).toMatchObject({
    article: { version: 1 },
    errors: [{ code: 'VERSION_CONFLICT', path: ['input', 'expectedVersion'] }],
  });
});

test('all problems of an article are named with their places', async () => {
  const { article, errors } = await changeArticle(automation, newId<TenantId>(), 'upsertArticle', {
    key: 'No Key',
    type: 'FAQ',
    originalLocale: 'fr',
    markets: ['Germany'],
    skus: [' '],
    validFrom: inDays(2),
    validTo: inDays(1),
    texts: [english, { ...english, locale: 'EN' }, { locale: 'x', title: ' ', body: 'y', questions: [''] }],
  });
  expect(article).toBeNull();
  expect(errors.map(({ path }) => path.slice(1).join('.'))).toEqual([
    'key',
    'markets',
    'skus',
    'validTo',
    'texts.1.locale',
    'texts.2.locale',
    'texts.2.title',
    'texts.2.questions',
    'originalLocale',
  ]);
});

test('the policy of a channel and a market is found as it was in force at a time', async () => {
  const tenantId = newId<TenantId>();
  const policy = { key: 'window', type: 'POLICY', channel: 'SHOPEE', markets: ['my', 'SG'], texts: [english] };
  const { id, version } = await givenArticle(automation, tenantId, policy);
  await givenArticle(automation, tenantId, { ...policy, key: 'germany', channel: null, markets: ['DE'] });
  await givenArticle(automation, tenantId, { ...policy, key: 'draft' }, true);
  await givenArticle(automation, tenantId, { ...policy, key: 'later', validFrom: inDays(3) });
  const before = new Date().toISOString();
  const texts = [{ ...english, title: 'The new window' }];
  const edited = { ...returns, ...policy, expectedVersion: version, texts };
  await changeArticle(automation, tenantId, 'upsertArticle', edited);
  await changeArticle(automation, tenantId, 'publishArticle', { articleId: id, expectedVersion: version + 1 });
  const filter = { types: ['POLICY'], market: 'MY', channel: 'SHOPEE' };
  const titles = async (at: string) => {
    const { edges } = await list(tenantId, { ...filter, inForceAt: at }, { at });
    return edges.map(({ node }) => node.inForce?.content.title);
  };
  expect(await titles(before)).toEqual([english.title]);
  expect(await titles(new Date().toISOString())).toEqual(['The new window']);
  expect(await titles(inDays(4))).toEqual([english.title, 'The new window']);
  expect(keysIn(await list(tenantId, { ...filter, inForceAt: '2020-01-01T00:00:00.000Z' }))).toEqual([]);
});

test('articles are listed by title, in pages, by type, product, language and state', async () => {
  const tenantId = newId<TenantId>();
  for (const [key, type, title, skus] of [
    ['c', 'TROUBLESHOOTING', 'The lamp does not light', ['LAMP-1']],
    ['a', 'GUIDE', 'Assembling the lamp', ['LAMP-1', 'LAMP-2']],
    ['b', 'PRODUCT', 'Everything about shelves', ['SHELF-1']],
    ['d', 'FAQ', 'Delivery', []],
  ] as const)
    await givenArticle(automation, tenantId, { key, type, skus, texts: [{ ...english, title }] }, key === 'd');
  const first = await list(tenantId, null, { first: 2 });
  expect([first.totalCount, keysIn(first)]).toEqual([4, ['a', 'd']]);
  expect(keysIn(await list(tenantId, null, { first: 2, after: first.pageInfo.endCursor }))).toEqual(['b', 'c']);
  expect(keysIn(await list(tenantId, { sku: 'LAMP-1', types: ['TROUBLESHOOTING', 'GUIDE'] }))).toEqual(['a', 'c']);
  expect(keysIn(await list(tenantId, { sku: 'SHELF-1' }))).toEqual(['d', 'b']);
  expect(keysIn(await list(tenantId, { states: ['DRAFT'] }))).toEqual(['d']);
  expect(keysIn(await list(tenantId, { locale: 'de' }))).toEqual([]);
  expect(await list(newId<TenantId>(), null)).toMatchObject({ totalCount: 0, edges: [] });
});

test('a translation with other numbers than the original, or older than it, is found and shown', async () => {
  const tenantId = newId<TenantId>();
  await givenArticle(automation, tenantId);
  const wrong = { ...german, body: german.body.replace('14', '30') };
  const { version } = await givenArticle(automation, tenantId, { key: 'wrong', texts: [english, wrong] });
  expect(keysIn(await list(tenantId, { hasDifferingNumbers: true }))).toEqual(['wrong']);
  const changed = { ...english, body: english.body.replace('5', '7') };
  const write = (texts: object[], expectedVersion: number) =>
    changeArticle(automation, tenantId, 'upsertArticle', { ...returns, key: 'wrong', texts, expectedVersion });
  const { article: stale } = await write([changed, german], version);
  expect(stale?.content.texts).toMatchObject([
    { locale: 'de', isStale: false, differingNumbers: ['7', '5'] },
    { locale: 'en', isStale: false, differingNumbers: [] },
  ]);
  const { article: older } = await write([{ ...changed, title: 'Returns' }, german], version + 1);
  expect(older?.content.texts).toMatchObject([{ locale: 'de', isStale: true }, { locale: 'en' }]);
  expect(keysIn(await list(tenantId, { hasStaleText: true }))).toEqual(['wrong']);
  const { article: checked } = await write(
    [
      { ...changed, title: 'Returns' },
      { ...german, isChecked: true },
    ],
    version + 2,
  );
  expect(checked).toMatchObject({ version: version + 3, content: { texts: [{ locale: 'de', isStale: false }, {}] } });
  const [last] = (
    await harness.events.count('automation.article-changed', 7, (event) => event.tenantId === tenantId)
  ).slice(-2);
  expect(last?.data.texts).toEqual([
    { locale: 'de', isStale: true, hasDifferingNumbers: true },
    { locale: 'en', isStale: false, hasDifferingNumbers: false },
  ]);
});

test('S3-8.3: an article that needs a review or ends soon is listed, and told once for each date', async () => {
  const tenantId = newId<TenantId>();
  const soon = await givenArticle(automation, tenantId, { key: 'soon', reviewBy: inDays(5), validTo: inDays(10) });
  await givenArticle(automation, tenantId, { key: 'far', reviewBy: inDays(60) });
  await givenArticle(automation, tenantId, { key: 'draft', reviewBy: inDays(5) }, true);
  expect(keysIn(await list(tenantId, { expiresBefore: inDays(7), states: ['PUBLISHED'] }))).toEqual(['soon']);
  await tellExpiring(automation.runtime);
  await tellExpiring(automation.runtime);
  const told = () => harness.events.of('automation.article-expiring').filter((event) => event.tenantId === tenantId);
  await harness.events.count('automation.article-expiring', 2, (event) => event.tenantId === tenantId);
  expect(told().map(({ data, aggregateVersion }) => [data.key, data.reason, aggregateVersion])).toEqual([
    ['soon', 'review', 3],
    ['soon', 'end-of-validity', 4],
  ]);
  const input = { ...returns, key: 'soon', reviewBy: inDays(9), expectedVersion: 4 };
  await changeArticle(automation, tenantId, 'upsertArticle', input);
  await changeArticle(automation, tenantId, 'publishArticle', { articleId: soon.id, expectedVersion: 5 });
  await tellExpiring(automation.runtime);
  await harness.events.count('automation.article-expiring', 3, (event) => event.tenantId === tenantId);
  expect(told().at(-1)).toMatchObject({ data: { reason: 'review' }, aggregateVersion: 7 });
});

async function answerTo(tenantId: TenantId, question: string, variables: object = {}): Promise<Answer> {
  const wanted = { question, locale: 'en', ...variables };
  return (await read(automation, tenantId, answerQuery, wanted))['answer'] as Answer;
}

test('S3-8.3: a question in any language is answered word for word from the articles in force, in the language asked for', async () => {
  const tenantId = newId<TenantId>();
  const { id, version } = await givenArticle(automation, tenantId);
  const chinese = { locale: 'zh-CN', title: '多久发货', body: '付款后48小时内发货。', questions: [] };
  await givenArticle(automation, tenantId, { key: 'shipping', originalLocale: 'zh-CN', texts: [chinese] });
  const answer = await answerTo(tenantId, 'Can I still send the shoes back?', { locale: 'de' });
  const [passage] = answer.passages;
  expect(passage).toMatchObject({ article: { key: 'returns' }, locale: 'de', isStale: false });
  const texts = passage?.article.inForce.content.texts ?? [];
  for (const { text, start, end, locale } of answer.passages)
    expect(texts.find((one) => one.locale === locale)?.body.slice(start, end)).toBe(text);
  expect((await answerTo(tenantId, '發貨', { locale: 'zh-TW' })).passages).toMatchObject([
    { article: { key: 'shipping' }, locale: 'zh-CN', text: chinese.body },
  ]);
  const washed = { ...english, title: 'Washing instructions', body: 'By hand, at 30 degrees.', questions: [] };
  const edited = { ...returns, expectedVersion: version, texts: [washed] };
  await changeArticle(automation, tenantId, 'upsertArticle', edited);
  expect((await answerTo(tenantId, 'are there washing instructions')).passages).toEqual([]);
  await changeArticle(automation, tenantId, 'publishArticle', { articleId: id, expectedVersion: version + 1 });
  expect((await answerTo(tenantId, 'are there washing instructions')).passages).toMatchObject([{ text: washed.body }]);
  await changeArticle(automation, tenantId, 'archiveArticle', { articleId: id, expectedVersion: version + 2 });
  expect((await answerTo(tenantId, 'are there washing instructions')).passages).toEqual([]);
});

test('S3-8.3: questions without an answer are counted together, and settled by an article', async () => {
  const tenantId = newId<TenantId>();
  const { id: articleId } = await givenArticle(automation, tenantId);
  await Promise.all([1, 2].map(() => answerTo(tenantId, 'Do you have gift cards for order 2403021KQ8MX7N?')));
  const { gap } = await answerTo(tenantId, 'do you sell gift cards?');
  expect(gap?.askedCount).toBe(3);
  expect(JSON.stringify(gap)).not.toContain('2403021');
  await answerTo(tenantId, '你们有实体店吗');
  await answerTo(tenantId, ' ');
  const query = `query ($isSettled: Boolean, $after: String) { knowledgeGaps(first: 1, isSettled: $isSettled, after: $after) {
    totalCount pageInfo { endCursor } edges { node { id language askedCount questions settledAt article { id } } } } }`;
  type Gaps = {
    totalCount: number;
    pageInfo: { endCursor: string };
    edges: { node: { id: string; language: string; article: { id: string } | null } }[];
  };
  const gaps = async (variables: Record<string, unknown>, tenant = tenantId) =>
    (await read(automation, tenant, query, variables))['knowledgeGaps'] as Gaps;
  const first = await gaps({});
  expect(first).toMatchObject({ totalCount: 2, edges: [{ node: { id: gap?.id, language: 'en', askedCount: 3 } }] });
  expect((await gaps({ after: first.pageInfo.endCursor })).edges).toMatchObject([{ node: { language: 'zh' } }]);
  const mutation = `mutation ($input: SettleKnowledgeGapInput!) { settleKnowledgeGap(input: $input) {
    gap { settledAt article { id } } errors { code path } } }`;
  const settle = async (input: object, tenant = tenantId) =>
    (await read(automation, tenant, mutation, { input }))['settleKnowledgeGap'];
  expect(await settle({ gapId: gap?.id, articleId })).toMatchObject({
    gap: { article: { id: articleId } },
    errors: [],
  });
  expect((await gaps({ isSettled: true })).totalCount).toBe(1);
  await answerTo(tenantId, 'do you sell gift cards?');
  expect(await gaps({ isSettled: false })).toMatchObject({ totalCount: 2, edges: [{ node: { article: null } }] });
  await settle({ gapId: gap?.id });
  await answerTo(tenantId, 'do you sell gift cards?');
  expect((await gaps({ isSettled: true })).edges).toMatchObject([{ node: { askedCount: 5, article: null } }]);
  const stranger = newId<TenantId>();
  expect((await gaps({}, stranger)).totalCount).toBe(0);
  expect(await settle({ gapId: gap?.id, articleId }, stranger)).toMatchObject({ errors: [{ code: 'NOT_FOUND' }] });
});

test('many changes one after the other are all found, and an unknown conversation has no answer', async () => {
  const tenantId = newId<TenantId>();
  for (const n of Array.from({ length: 15 }, (_, index) => index)) {
    const texts = [{ ...english, title: `Question ${n}zebra`, body: `Answer ${n}zebra.`, questions: [] }];
    await givenArticle(automation, tenantId, { key: `k${n}`, texts });
    expect((await answerTo(tenantId, `${n}zebra`)).passages[0]?.article.key).toBe(`k${n}`);
  }
  expect((await answerTo(tenantId, '3zebra')).passages[0]?.article.key).toBe('k3');
  expect(await answerTo(tenantId, '3zebra', { conversationId: newId() })).toBeNull();
});

test('S1-2.3: what answers the buyer is suggested with reasons; what is rejected sinks, what is used rises', async () => {
  const tenantId = newId<TenantId>();
  await givenOffers(automation, tenantId);
  const first = await givenBuyer({ automation, harness }, tenantId, 'Where is my parcel? It has not arrived.');
  const suggested = await suggestionsFor(automation, tenantId, first);
  expect(namesOf(suggested).toSorted()).toEqual(['tracking', 'where']);
  expect(suggested.replies.find(({ template }) => template?.key === 'where')).toMatchObject({
    text: 'Your order O-1 is on its way.',
    locale: 'en',
    outcome: null,
    reasons: [{ kind: 'INTENT', intent: 'ORDER_STATUS' }],
  });
  expect(suggested.unfilled).toEqual([{ template: { key: 'late' }, outcome: 'MISSING_VALUE', variables: ['reason'] }]);
  const again = await suggestionsFor(automation, tenantId, first);
  expect(again).toEqual(suggested);
  const [best = '', other = ''] = namesOf(suggested);
  const [top] = suggested.replies;
  expect(await settled(automation, tenantId, top?.id ?? '', 'REJECTED')).toEqual({
    settleSuggestion: { outcome: 'REJECTED', errors: [] },
  });
  expect(namesOf(await suggestionsFor(automation, tenantId, first))).toEqual([other, best]);
  for (const text of ['Where is my parcel? I still wait.', 'Where is my parcel? It is late.']) {
    const { replies } = await suggestionsFor(
      automation,
      tenantId,
      await givenBuyer({ automation, harness }, tenantId, text),
    );
    for (const { id, template, article } of replies)
      await settled(automation, tenantId, id, (template ?? article)?.key === best ? 'REJECTED' : 'USED');
  }
  const later = await suggestionsFor(
    automation,
    tenantId,
    await givenBuyer({ automation, harness }, tenantId, 'Where is my parcel please?'),
  );
  expect(namesOf(later)).toEqual([other, best]);
  expect(later.replies[0]?.reasons.map(({ kind }) => kind)).toContain('USED_BEFORE');
  expect(await settled(automation, tenantId, top?.id ?? '', 'REJECTED')).toMatchObject({
    settleSuggestion: { outcome: 'REJECTED', errors: [] },
  });
  expect(await settled(automation, tenantId, top?.id ?? '', 'USED')).toMatchObject({
    settleSuggestion: { outcome: null, errors: [{ code: 'ALREADY_SETTLED', path: ['input', 'outcome'] }] },
  });
  expect(await settled(automation, newId<TenantId>(), top?.id ?? '', 'USED')).toMatchObject({
    settleSuggestion: { errors: [{ code: 'NOT_FOUND' }] },
  });
});

test('S1-2.3: a reply with the words of a suggestion, or nearly, settles it', async () => {
  const tenantId = newId<TenantId>();
  await givenOffers(automation, tenantId);
  const answer = async (text: string) => {
    const conversationId = await givenBuyer({ automation, harness }, tenantId, 'Where is my parcel?');
    const { replies } = await suggestionsFor(automation, tenantId, conversationId);
    const reply = said({ tenantId, conversationId, text, direction: 'outbound' });
    await harness.publish({ ...reply, aggregateVersion: 2 });
    const { data, actor } = await harness.events.next(
      'automation.suggestion-settled',
      ({ data: { conversationId: of } }) => of === conversationId,
    );
    expect(replies.map(({ id }) => id)).toContain(data.suggestionId);
    const { replies: left, messageId } = await suggestionsFor(automation, tenantId, conversationId);
    expect([left, messageId]).toEqual([[], null]);
    return { ...data, by: actor.kind };
  };
  expect(await answer(' Your order O-1 is on  its way.')).toMatchObject({
    sourceKind: 'template',
    outcome: 'used',
    isObserved: true,
  });
  expect(await answer('Please open the link in the mail!')).toMatchObject({ sourceKind: 'article', outcome: 'edited' });
});

test('S1-2.3: a question is open for people after the bot has only said when they answer', async () => {
  const tenantId = newId<TenantId>();
  await givenOffers(automation, tenantId);
  await handsOver(automation, tenantId);
  const question = 'Where is my parcel? I want to talk to a human.';
  const conversationId = await givenBuyer({ automation, harness }, tenantId, question);
  const suggested = await suggestionsFor(automation, tenantId, conversationId);
  expect(namesOf(suggested)).toContain('where');
  const reply = await harness.events.next('automation.reply-decided', (event) => event.tenantId === tenantId);
  const notice = { ...botSaid(reply), aggregateVersion: 2 };
  await givenNext({ automation, harness }, notice);
  expect(await suggestionsFor(automation, tenantId, conversationId)).toEqual(suggested);
  const data = { ...notice.data, messageId: newId<MessageId>() };
  await givenNext({ automation, harness }, { ...botSaid(reply), data, aggregateVersion: 3 });
  expect((await suggestionsFor(automation, tenantId, conversationId)).messageId).toBeNull();
});

test('a buyer whom nothing answers leaves a gap once, and thanks leave none', async () => {
  const tenantId = newId<TenantId>();
  await givenOffers(automation, tenantId);
  const conversationId = await givenBuyer({ automation, harness }, tenantId, 'Can I use xylophone mallets on it?');
  for (const _ of [1, 2]) await suggestionsFor(automation, tenantId, conversationId);
  await suggestionsFor(automation, tenantId, await givenBuyer({ automation, harness }, tenantId, 'Thank you so much!'));
  const { knowledgeGaps } = await read(automation, tenantId, '{ knowledgeGaps { edges { node { askedCount } } } }');
  expect(knowledgeGaps).toEqual({ edges: [{ node: { askedCount: 1 } }] });
  // Whoever sees nothing of whose buyers asked sees no gap; what they ask themselves counts with the others.
  const query = '{ knowledgeGaps { totalCount edges { node { askedCount questions } } } }';
  const limited = { ...anAgent(tenantId, 'agent'), access: { stores: null, reach: 'own' as const, teams: [] } };
  const seen = async () => (await ask(automation.subgraph, limited, query)).data;
  expect(await seen()).toEqual({ knowledgeGaps: { totalCount: 0, edges: [] } });
  const question = 'Can I use my own xylophone mallets on it?';
  const asked = await ask(automation.subgraph, limited, answerQuery, { question, locale: 'en' });
  expect(asked.data).toMatchObject({ answer: { gap: { askedCount: 1 } } });
  expect(await seen()).toEqual({
    knowledgeGaps: { totalCount: 1, edges: [{ node: { askedCount: 1, questions: [question] } }] },
  });
  const whole = await read(automation, tenantId, query);
  expect(whole).toMatchObject({ knowledgeGaps: { totalCount: 1, edges: [{ node: { askedCount: 2 } }] } });
  expect(await suggestionsFor(automation, tenantId, newId())).toBeNull();
});

const draftQuery = `mutation ($id: ID!) { draftArticleFromConversation(input: { conversationId: $id }) {
  article { id key version state conversation { id } similar { likeness article { key } }
    content { type isForBuyers originalLocale texts { title body questions } } } errors { code path } } }`;

async function draftFrom(tenantId: TenantId, id: string) {
  const drafted = await read(automation, tenantId, draftQuery, { id });
  return drafted['draftArticleFromConversation'] as {
    readonly article: { readonly id: string; readonly version: number } | null;
    readonly errors: readonly { readonly code: string }[];
  };
}

test('S3-8.2: a solved conversation becomes a draft without names, shows what says nearly the same, and a person publishes it', async () => {
  const tenantId = newId<TenantId>();
  const voltage = {
    ...english,
    title: 'Can I change the voltage of the lamp?',
    body: 'Turn the switch at the back to 230 volt.',
    questions: [],
  };
  await givenArticle(automation, tenantId, { key: 'voltage', texts: [voltage] });
  await givenArticle(automation, tenantId);
  const question = 'Hello, can I change the voltage of lamp 240918ABCX7?';
  const answer = 'Dear Ana,\nturn the switch at the back of the lamp to 230 volt.';
  const id = await givenSolved({ automation, harness }, tenantId, [question, answer]);
  const { article, errors } = await draftFrom(tenantId, id);
  expect(errors).toEqual([]);
  expect(article).toMatchObject({
    key: `case-${id}`,
    state: 'DRAFT',
    version: 1,
    conversation: { id },
    similar: [{ article: { key: 'voltage' } }],
    content: { type: 'CASE', isForBuyers: false, originalLocale: 'en' },
  });
  expect(JSON.stringify(article)).not.toMatch(/Ana|240918|Hello/);
  expect((await answerTo(tenantId, 'voltage of the lamp')).passages.map(({ article: { key } }) => key)).toEqual([
    'voltage',
  ]);
  const change = { articleId: article?.id, expectedVersion: 1 };
  const { article: published } = await changeArticle(automation, tenantId, 'publishArticle', change);
  expect(published).toMatchObject({ state: 'PUBLISHED' });
  expect((await answerTo(tenantId, 'voltage of the lamp')).passages).toHaveLength(2);
  expect(await draftFrom(tenantId, id)).toMatchObject({ article: { version: 2 }, errors: [] });
  const thanked = await givenSolved({ automation, harness }, tenantId, [
    'Thank you so much!',
    'You are very welcome, come back soon.',
  ]);
  for (const other of [thanked, newId()])
    expect(await draftFrom(tenantId, other)).toMatchObject({ article: null, errors: [{ code: 'NOTHING_TO_DRAFT' }] });
});
