import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { newId, type TenantId } from '@crossdesk/contracts';
import { anAgent, ask, openHarness, type TestHarness } from '@crossdesk/testkit';
import type { Role } from '@crossdesk/service-kit';
import { type AutomationService, openAutomation } from '../src/app.ts';

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

interface Shown {
  readonly id: string;
  readonly version: number;
  readonly isEnabled: boolean;
  readonly name: string;
  readonly variants: readonly { readonly id: string; readonly text: string; readonly locale: string }[];
}

interface Payload {
  readonly template: Shown | null;
  readonly errors: readonly { readonly code: string; readonly message: string; readonly path: readonly string[] }[];
}

const selection = `id key name situation isEnabled version fallbackLocales variables { name type }
  variants { id locale market channel isEnabled text }`;

const english = { locale: 'en', text: 'Your order {orderNumber} arrives on {expectedOn, date, long}.' };
const german = { locale: 'de-DE', market: 'de', channel: 'SHOPEE', text: 'Ihre Bestellung {orderNumber} kommt bald.' };
const content = {
  key: 'where-is-my-order',
  name: 'Where is my order',
  situation: 'WHERE_IS_MY_ORDER',
  variables: [
    { name: 'orderNumber', type: 'TEXT' },
    { name: 'expectedOn', type: 'DATE' },
  ],
  fallbackLocales: ['EN'],
  variants: [english, german],
};

async function mutate(tenantId: TenantId, name: string, input: object, role: Role = 'supervisor'): Promise<Payload> {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
  const query = `mutation ($input: ${type}!) {
    ${name}(input: $input) { template { ${selection} } errors { code message path } } }`;
  const { data, errors } = await ask(automation.subgraph, anAgent(tenantId, role), query, { input });
  expect(errors).toEqual([]);
  return (data as Record<string, Payload>)[name] as Payload;
}

const upsert = (tenantId: TenantId, changes: object = {}) =>
  mutate(tenantId, 'upsertTemplate', { ...content, ...changes });

async function created(tenantId: TenantId, changes: object = {}): Promise<Shown> {
  const { template, errors } = await upsert(tenantId, changes);
  expect(errors).toEqual([]);
  if (template === null) throw new Error('no template');
  return template;
}

async function read(tenantId: TenantId, query: string, variables: Record<string, unknown> = {}, role: Role = 'agent') {
  const { data, errors } = await ask(automation.subgraph, anAgent(tenantId, role), query, variables);
  expect(errors).toEqual([]);
  return data;
}

const renderQuery = `query ($input: RenderTemplateInput!) { renderTemplate(input: $input) {
  text variant { locale } attempts { outcome variables variant { locale } } } }`;

test('a template is created, read, changed and published with each change', async () => {
  const tenantId = newId<TenantId>();
  const first = await created(tenantId);
  expect(first).toMatchObject({
    ...content,
    version: 1,
    isEnabled: true,
    fallbackLocales: ['en'],
    variants: [
      { ...german, market: 'DE', isEnabled: true },
      { ...english, market: null, channel: null, isEnabled: true },
    ],
  });
  expect(await read(tenantId, `query ($id: ID!) { template(id: $id) { ${selection} } }`, { id: first.id })).toEqual({
    template: first,
  });
  const { template: second } = await upsert(tenantId, { expectedVersion: 1, variants: [english] });
  expect(second).toMatchObject({ id: first.id, version: 2, variants: [english] });
  const { template: third } = await mutate(tenantId, 'setTemplateEnabled', {
    templateId: first.id,
    expectedVersion: 2,
    isEnabled: false,
  });
  expect(third).toEqual({ ...second, version: 3, isEnabled: false });
  const { template: fourth } = await upsert(tenantId, { expectedVersion: 3, variants: [english], name: 'Tracking' });
  expect(fourth).toMatchObject({ version: 4, isEnabled: false, name: 'Tracking' });
  const events = await harness.events.count('automation.template-changed', 4, (event) => event.tenantId === tenantId);
  expect(events.map((event) => event.aggregateVersion)).toEqual([1, 2, 3, 4]);
  expect(events.map(({ data }) => data.isEnabled)).toEqual([true, true, false, false]);
  expect(events[0]).toMatchObject({
    aggregateId: first.id,
    actor: { kind: 'agent' },
    data: {
      key: content.key,
      situation: 'where-is-my-order',
      variables: [{ name: 'orderNumber', type: 'text' }, { type: 'date' }],
      variants: [{ locale: 'de-DE', market: 'DE', channel: 'shopee', isEnabled: true }, { locale: 'en' }],
    },
  });
  expect(JSON.stringify(events)).not.toContain('Bestellung');
});

test('the texts of earlier versions are kept', async () => {
  const tenantId = newId<TenantId>();
  const { variants } = await created(tenantId);
  await upsert(tenantId, { expectedVersion: 1, variants: [{ ...english, text: 'Soon.' }] });
  const { rows } = await automation.runtime.db.worker
    .selectFrom('template_variant')
    .select(['id', 'text'])
    .where('tenant_id', '=', tenantId)
    .execute()
    .then((all) => ({ rows: new Map(all.map((row) => [String(row.id), row.text])) }));
  expect(variants.map(({ id }) => rows.get(id))).toEqual(variants.map(({ text }) => text));
  expect(rows.size).toBe(3);
});

test('a repeated request changes nothing, whatever version it names', async () => {
  const tenantId = newId<TenantId>();
  const both = await Promise.all([upsert(tenantId), upsert(tenantId, { variants: [german, english] })]);
  expect(both.map(({ errors }) => errors)).toEqual([[], []]);
  expect(both[0]?.template).toEqual(both[1]?.template);
  const { template } = await upsert(tenantId, { expectedVersion: 7 });
  expect(template?.version).toBe(1);
});

test('a change of an old version is refused and shows the present one', async () => {
  const tenantId = newId<TenantId>();
  const { id } = await created(tenantId);
  const conflict = { code: 'VERSION_CONFLICT', path: ['input', 'expectedVersion'] };
  for (const expectedVersion of [undefined, 0, 2]) {
    const refused = await upsert(tenantId, { expectedVersion, name: 'Other' });
    expect(refused).toMatchObject({ template: { id, version: 1, name: content.name }, errors: [conflict] });
  }
  const old = { templateId: id, expectedVersion: 0, isEnabled: false };
  expect(await mutate(tenantId, 'setTemplateEnabled', old)).toMatchObject({
    template: { id, isEnabled: true },
    errors: [conflict],
  });
  const unknown = await upsert(tenantId, { key: 'unknown', expectedVersion: 1 });
  expect(unknown).toMatchObject({ template: null, errors: [{ code: 'NOT_FOUND', path: ['input', 'key'] }] });
});

test('all problems of a template are named with their places', async () => {
  const tenantId = newId<TenantId>();
  const { template, errors } = await upsert(tenantId, {
    key: 'Where Is',
    name: ' ',
    variables: [...content.variables, { name: 'order.number', type: 'TEXT' }, { name: 'expectedOn', type: 'TEXT' }],
    fallbackLocales: ['en', 'e_n'],
    variants: [
      english,
      { locale: 'EN', text: 'The same place.' },
      { locale: 'xx-XX', text: 'Hi' },
      { locale: 'fr', market: 'France', text: 'Bonjour {friend}' },
    ],
  });
  expect(template).toBeNull();
  expect(errors.map(({ path }) => path.slice(1).join('.'))).toEqual([
    'key',
    'name',
    'variables.2.name',
    'variables.3.name',
    'fallbackLocales.1',
    'variants.1',
    'variants.2.locale',
    'variants.3.market',
    'variants.3.text',
  ]);
  expect(errors.at(-1)?.message).toMatch(/^Character 9: The template has no variable friend/);
  const empty = await upsert(tenantId, { variants: [] });
  expect(empty.errors).toMatchObject([{ path: ['input', 'variants'] }]);
  const same = (text: string) => Array.from({ length: 30 }, () => ({ locale: 'en', text }));
  expect((await upsert(tenantId, { variants: same('x') })).errors).toHaveLength(20);
  expect((await upsert(tenantId, { variants: same('{'.repeat(4_000)) })).errors).toMatchObject([
    { path: ['input', 'variants'], message: expect.stringContaining('120000 characters') },
  ]);
});

test('agents read templates and may not change them; nobody sees those of another workspace', async () => {
  const tenantId = newId<TenantId>();
  const { id } = await created(tenantId);
  const query = `mutation ($input: UpsertTemplateInput!) { upsertTemplate(input: $input) { errors { code } } }`;
  const agent = await ask(automation.subgraph, anAgent(tenantId), query, { input: content });
  expect(agent.errors).toMatchObject([{ code: 'FORBIDDEN' }]);
  const disable = `mutation ($id: ID!) { setTemplateEnabled(input: { templateId: $id, expectedVersion: 1, isEnabled: false }) { errors { code } } }`;
  expect((await ask(automation.subgraph, anAgent(tenantId), disable, { id })).errors).toMatchObject([
    { code: 'FORBIDDEN' },
  ]);
  const stranger = newId<TenantId>();
  for (const text of [id, 'x', newId()]) {
    const input = { templateId: text, locale: 'en' };
    expect(await read(stranger, `query ($id: ID!) { template(id: $id) { id } }`, { id: text })).toEqual({
      template: null,
    });
    expect(await read(stranger, renderQuery, { input })).toEqual({ renderTemplate: null });
    const refused = await mutate(stranger, 'setTemplateEnabled', {
      templateId: text,
      expectedVersion: 1,
      isEnabled: false,
    });
    expect(refused).toMatchObject({ template: null, errors: [{ code: 'NOT_FOUND' }] });
  }
  expect(await read(stranger, '{ templates { totalCount } }')).toEqual({ templates: { totalCount: 0 } });
});

test('templates are listed by name, in pages, by situation and state', async () => {
  const tenantId = newId<TenantId>();
  for (const [key, name, situation] of [
    ['c', 'Refund', 'REFUND_DONE'],
    ['a', 'Away', 'AWAY'],
    ['b', 'Goodbye', 'GOODBYE'],
  ]) {
    await created(tenantId, { key, name, situation });
  }
  const query = `query ($first: Int!, $after: String, $filter: TemplateFilter) {
    templates(first: $first, after: $after, filter: $filter) {
      edges { node { name variants { locale } } } totalCount pageInfo { hasNextPage endCursor } } }`;
  type Page = {
    templates: {
      edges: { node: { name: string; variants: unknown[] } }[];
      totalCount: number;
      pageInfo: { hasNextPage: boolean; endCursor: string };
    };
  };
  const page = async (variables: Record<string, unknown>) =>
    ((await read(tenantId, query, { first: 2, ...variables })) as Page).templates;
  const first = await page({});
  expect(first).toMatchObject({ totalCount: 3, pageInfo: { hasNextPage: true } });
  expect(first.edges.map(({ node }) => [node.name, node.variants.length])).toEqual([
    ['Away', 2],
    ['Goodbye', 2],
  ]);
  const second = await page({ after: first.pageInfo.endCursor });
  expect(second.edges.map(({ node }) => node.name)).toEqual(['Refund']);
  const some = await page({ filter: { situations: ['AWAY', 'REFUND_DONE'], isEnabled: true } });
  expect(some.edges.map(({ node }) => node.name)).toEqual(['Away', 'Refund']);
  expect((await page({ filter: { isEnabled: false } })).totalCount).toBe(0);
});

test('S1-2.2 a German buyer on Shopee gets the German words for Shopee, others the declared fallback', async () => {
  const tenantId = newId<TenantId>();
  const { id: templateId } = await created(tenantId);
  const values = [
    { name: 'orderNumber', value: '240918\u202eABC https://evil.example' },
    { name: 'expectedOn', value: '2026-03-02' },
  ];
  const rendered = async (input: object) =>
    read(tenantId, renderQuery, { input: { templateId, values, ...input } }) as Promise<{ renderTemplate: unknown }>;
  expect(await rendered({ locale: 'de', market: 'de', channel: 'SHOPEE' })).toMatchObject({
    renderTemplate: { text: 'Ihre Bestellung 240918ABC kommt bald.', variant: { locale: 'de-DE' } },
  });
  expect(await rendered({ locale: 'de', market: 'DE', channel: 'WHATSAPP' })).toEqual({
    renderTemplate: {
      text: 'Your order 240918ABC arrives on March 2, 2026.',
      variant: { locale: 'en' },
      attempts: [
        { outcome: 'RENDERED', variables: [], variant: { locale: 'en' } },
        { outcome: 'OTHER_CHANNEL', variables: [], variant: { locale: 'de-DE' } },
      ],
    },
  });
  expect(await rendered({ locale: 'ja', values: values.slice(0, 1) })).toMatchObject({
    renderTemplate: {
      text: null,
      variant: null,
      attempts: [{ outcome: 'MISSING_VALUE', variables: ['expectedOn'] }, {}],
    },
  });
  await mutate(tenantId, 'setTemplateEnabled', { templateId, expectedVersion: 1, isEnabled: false });
  expect(await rendered({ locale: 'en' })).toMatchObject({
    renderTemplate: { text: null, attempts: [{ outcome: 'TEMPLATE_DISABLED' }, { outcome: 'TEMPLATE_DISABLED' }] },
  });
});

test('a template whose languages promise different numbers is found', async () => {
  const tenantId = newId<TenantId>();
  const variants = [
    { locale: 'en', text: 'You can return it within 14 days.' },
    { locale: 'de', text: 'Sie können es innerhalb von 14 Tagen zurückgeben.' },
    { locale: 'zh-CN', text: '您可以在 7 天内退货。' },
  ];
  const { template } = await upsert(tenantId, { variables: [], variants });
  const query = 'query ($id: ID!) { template(id: $id) { staleReasons { kind about message } } }';
  const { data } = await ask(automation.subgraph, anAgent(tenantId, 'agent'), query, { id: template?.id });
  const message = 'The numbers are not those of the text in en: zh-CN.';
  expect(data).toEqual({ template: { staleReasons: [{ kind: 'NUMBERS_DIFFER', about: ['zh-CN'], message }] } });
});
