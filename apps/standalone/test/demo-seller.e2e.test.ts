import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  askOverHttp,
  connectShops,
  loadArticles,
  loadDesk,
  loadPolicy,
  loadRules,
  loadTemplates,
  lumina,
  openFirstSeller,
} from '@crossdesk/demo';
import { eventually } from '@crossdesk/testkit';
import { type Installation, openInstallation } from './support/installation.ts';

let here: Installation;

beforeAll(async () => {
  here = await openInstallation();
});

afterAll(() => here.close());

const load = async () => {
  const { graphqlUrl, twin } = here;
  const { adminToken } = await openFirstSeller({ graphqlUrl, setupCode: here.running().setupCode, seller: lumina });
  const askAsAdmin = askOverHttp(graphqlUrl, adminToken);
  await connectShops(askAsAdmin, twin, lumina);
  await loadTemplates(askAsAdmin);
  await loadRules(askAsAdmin);
  await loadArticles(askAsAdmin);
  await loadPolicy(askAsAdmin);
  await loadDesk(askAsAdmin, lumina.people);
};

const signIn = `mutation($input: SignInInput!) { signIn(input: $input) { accessToken errors { code } } }`;
type SignIn = { signIn: { accessToken: string | null } };

test('the demo seller is created once, only through the API, and its agent sees the messages of buyers', async () => {
  await load();
  await load();
  const agent = lumina.people.find(({ role }) => role === 'agent');
  const input = { workspace: lumina.slug, email: agent?.email, password: agent?.password };
  const { accessToken } = (await here.api().ask<SignIn>(signIn, { input })).signIn;
  const api = here.api(accessToken);

  const shops = here.twin.shops().filter(({ name }) => lumina.shops.test(name));
  const pushing = shops.filter(({ webhookUrl }) => webhookUrl !== null);
  expect(pushing.length).toBeGreaterThan(1);
  for (const shop of pushing) here.twin.buyerSays({ shop, buyer: 'olivia', content: { kind: 'text', text: 'hello' } });
  await eventually(async () => {
    const { conversations } = await api.ask<{ conversations: { edges: { node: { channel: string } }[] } }>(
      `{ conversations(first: 10) { edges { node { channel } } } }`,
    );
    const channels = pushing.map(({ platform }) => platform.toUpperCase().replaceAll('-', '_'));
    expect(conversations.edges.map(({ node }) => node.channel).toSorted()).toEqual(channels.toSorted());
  });
  expect(await api.ask(`{ templates { totalCount edges { node { version } } } }`)).toMatchObject({
    templates: { totalCount: 15, edges: Array.from({ length: 15 }, () => ({ node: { version: 1 } })) },
  });
  const desk = await api.ask<{ teams: object[]; views: { name: string }[] }>(
    `{ teams { name version members { skills { value level } } } views { name } }`,
  );
  const skills = ['en', 'es', 'zh'].map((value) => ({ value, level: value === 'es' ? 3 : 5 }));
  expect(desk.teams).toEqual([
    { name: 'Demo desk · 演示客服组', version: 1, members: lumina.people.map(() => ({ skills })) },
  ]);
  expect(desk.views.map(({ name }) => name)).toEqual(expect.arrayContaining(['Overdue · 已超时']));
});

test('the demo has articles in three languages that answer questions, one to be reviewed, and a gap', async () => {
  await load();
  await load();
  const agent = lumina.people.find(({ role }) => role === 'agent');
  const input = { workspace: lumina.slug, email: agent?.email, password: agent?.password };
  const api = here.api((await here.api().ask<SignIn>(signIn, { input })).signIn.accessToken);
  const before = new Date(Date.now() + 14 * 86_400_000).toISOString();
  const query = `query($before: DateTime!) {
    articles(filter: { hasStaleText: false, hasDifferingNumbers: false, states: [PUBLISHED] }) { totalCount }
    expiring: articles(filter: { expiresBefore: $before }) { edges { node { key } } }
    german: answer(question: "请问怎么退货", locale: "de", isForBuyers: true) { passages { locale article { key } } }
    knowledgeGaps { edges { node { askedCount } } } }`;
  expect(await api.ask(query, { before })).toEqual({
    articles: { totalCount: 5 },
    expiring: { edges: [{ node: { key: 'return-period' } }] },
    german: { passages: [{ locale: 'de', article: { key: 'return-period' } }] },
    knowledgeGaps: { edges: [{ node: { askedCount: 1 } }] },
  });
});

test('S4-2.2 S4-2.3: in the demo a threat calls a person once, and the buyer is promised an answer', async () => {
  await load();
  const agent = lumina.people.find(({ role }) => role === 'agent');
  const input = { workspace: lumina.slug, email: agent?.email, password: agent?.password };
  const api = here.api((await here.api().ask<SignIn>(signIn, { input })).signIn.accessToken);
  const rules = `{ automationRules { totalCount edges { node { mode } } } }`;
  expect(await api.ask(rules)).toEqual({
    automationRules: { totalCount: 2, edges: Array.from({ length: 2 }, () => ({ node: { mode: 'AUTO' } })) },
  });
  const [shop] = here.twin.shops().filter(({ name, webhookUrl }) => lumina.shops.test(name) && webhookUrl !== null);
  if (shop === undefined) throw new Error('the demo has no shop');
  const threat = 'I will call my lawyer and take you to court!';
  here.twin.buyerSays({ shop, buyer: 'mark', content: { kind: 'text', text: threat } });
  await eventually(async () => {
    const urgent = `{ conversations(first: 5, filter: { priorities: [HIGH, URGENT] }) { edges { node { notes { totalCount } } } } }`;
    expect(await api.ask(urgent)).toEqual({
      conversations: { edges: [{ node: { notes: { totalCount: 1 } } }] },
    });
  });
  await eventually(async () => {
    const said = here.twin.journal().flatMap(({ text }) => text ?? []);
    expect(said).toEqual([expect.stringMatching(/^Thank you for your message\. One of our colleagues .* hours?\.$/)]);
    const waiting = `{ conversations(first: 5, filter: { priorities: [HIGH, URGENT] }) {
      edges { node { handledBy handOver { reason } notes { totalCount } } } } }`;
    const node = { handledBy: 'WAITING', handOver: { reason: 'RISK' }, notes: { totalCount: 1 } };
    expect(await api.ask(waiting)).toEqual({ conversations: { edges: [{ node }] } });
  });
});

test('a wrong setup code creates no workspace', async () => {
  const { graphqlUrl } = here;
  const other = { ...lumina, slug: 'other' };
  await expect(openFirstSeller({ graphqlUrl, setupCode: 'a guess', seller: other })).rejects.toThrow(/setup code/);
});
