import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '@crossdesk/testkit';
import { type ArrivedSpan, type Collector, openCollector } from './support/collector.ts';
import { conversationWith, messagesOf } from './support/inbox.ts';
import { type Installation, openInstallation } from './support/installation.ts';
import { type ConnectedAccount, connectShop, setUpFirstWorkspace, type Workspace } from './support/workspace.ts';

let collector: Collector;
let here: Installation;
let lumina: Workspace;
let shopee: ConnectedAccount;

beforeAll(async () => {
  collector = await openCollector();
  here = await openInstallation({
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
    OTEL_TRACES_SAMPLER_ARG: '1',
  });
  lumina = await setUpFirstWorkspace((token) => here.api(token), here.running().setupCode, 'lumina');
  shopee = await connectShop(lumina.admin, here.twin, 'shopee', '700000001');
}, 60_000);

afterAll(async () => {
  await here.close();
  await collector.close();
});

const buyer = 'Ayu Lestari';
const question = 'Is the red one still there?';
const answer = 'It is, in every size.';

const find = () => conversationWith(lumina.agent, shopee.id, buyer);

/** The names of the spans in a trace, each with its ancestors: `a > b`. */
function paths(spans: readonly ArrivedSpan[]): string[] {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const pathOf = ({ name, parentSpanId }: ArrivedSpan): string => {
    if (parentSpanId === null) return name;
    const parent = byId.get(parentSpanId);
    return parent === undefined ? `(lost) > ${name}` : `${pathOf(parent)} > ${name}`;
  };
  return spans.map(pathOf);
}

/** The trace that has a span with this name and these attributes, as soon as it has all the paths. */
function traceWith(
  name: string,
  attributes: Readonly<Record<string, unknown>>,
  expected: readonly string[],
): Promise<readonly ArrivedSpan[]> {
  return eventually(async () => {
    const matches = (span: ArrivedSpan) =>
      span.name === name && Object.entries(attributes).every(([key, value]) => span.attributes[key] === value);
    const [traceId, ...others] = new Set(collector.spans.filter(matches).map((span) => span.traceId));
    expect(others).toEqual([]);
    const trace = collector.spans.filter((span) => span.traceId === traceId);
    expect(paths(trace)).toEqual(expect.arrayContaining([...expected]));
    return trace;
  });
}

test('one trace leads from a webhook through outboxes and log to every consumer', async () => {
  here.twin.buyerSays({ shop: shopee.shop, buyer, content: { kind: 'text', text: question } });
  await eventually(find);
  const published = 'ingest webhook > ingest publish';
  const trace = await traceWith('ingest webhook', { 'crossdesk.outcome': 'stored' }, [
    'ingest webhook',
    published,
    `${published} > conversation.inbox consume`,
    `${published} > crm.links consume`,
    `${published} > automation.language consume`,
    `${published} > conversation.inbox consume > conversation publish > analytics.inbox consume`,
  ]);
  expect(trace.find(({ name }) => name === 'ingest webhook')?.attributes).toMatchObject({
    'crossdesk.channel': 'shopee',
    'crossdesk.outcome': 'stored',
    'crossdesk.tenant': expect.stringMatching(/^[0-9a-f-]{36}$/),
  });
  expect(paths(trace).filter((path) => path.includes('(lost)'))).toEqual([]);
});

test('one trace leads from the operation of the agent to the platform, and back into the conversation', async () => {
  const { id } = await eventually(find);
  const mutation = `mutation Answer($input: SendMessageInput!) {
    sendMessage(input: $input) { message { id } errors { code } } }`;
  await lumina.agent.ask(mutation, { input: { clientMutationId: 'answer', conversationId: id, text: answer } });
  await eventually(async () => expect(messagesOf(await find()).at(-1)?.delivery?.status).toBe('SENT'));
  const executed = 'gateway operation > call conversation > conversation subgraph';
  const sent = `${executed} > conversation publish > ingest.replies consume > ingest send`;
  const trace = await traceWith('gateway operation', { 'graphql.operation.name': 'Answer' }, [
    executed,
    sent,
    `${sent} > ingest publish > conversation.inbox consume`,
  ]);
  expect(trace.find(({ name }) => name === 'gateway operation')?.attributes).toEqual({
    'graphql.operation.name': 'Answer',
    'graphql.operation.type': 'mutation',
    'crossdesk.outcome': 'ok',
  });
  expect(trace.find(({ name }) => name === 'ingest send')?.attributes).toMatchObject({
    'crossdesk.channel': 'shopee',
    'crossdesk.outcome': 'accepted',
  });
});

test('no span contains what people wrote or who they are', async () => {
  for (const secret of [question, answer, buyer, 'a long enough password', '@lumina.example', shopee.webhookUrl])
    expect(collector.text()).not.toContain(secret);
});

test('waiting spans are sent before the process ends', async () => {
  await lumina.agent.ask('query Last { me { id } }');
  const last = expect.objectContaining({ 'graphql.operation.name': 'Last' });
  await here.restart(async () => expect(collector.spans.map(({ attributes }) => attributes)).toContainEqual(last));
});
