import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { newId } from '@crossdesk/contracts';
import { eventually, type Figures, scrape } from '@crossdesk/testkit';
import { createClient } from 'graphql-ws';
import { inboxEvent } from './events.ts';
import { startGateway, type TestGateway } from './gateway.ts';
import { localSubgraphs, serviceNames } from './services.ts';

let gateway: TestGateway;

beforeAll(async () => {
  const local = localSubgraphs(() => ({ subjectId: newId(), kind: 'MESSAGE_ADDED' }));
  const silent = { ...local.crm, execute: () => Promise.reject(new Error('gone')) };
  gateway = await startGateway({
    subgraphs: Object.fromEntries(
      serviceNames.map((name) => [name, { kind: 'local', subgraph: name === 'crm' ? silent : local[name] } as const]),
    ),
  });
});
afterAll(() => gateway.stop());

const figures = (): Promise<Figures> => scrape(`${gateway.healthOrigin}/metrics`);

test('a subgraph that does not answer and one that fails inside are told apart, each with its time', async () => {
  await gateway.ask('{ conversation(id: "c1") { buyerName customer { displayName } } }');
  await gateway.ask('{ agents { edges { cursor } } }');
  const now = await figures();
  const errors = (subgraph: string, kind: string) =>
    now.value('crossdesk_subgraph_errors_total', { subgraph, kind }) ?? 0;
  expect(errors('crm', 'no_answer')).toBe(1);
  expect(errors('conversation', 'no_answer')).toBe(0);
  expect(errors('conversation', 'internal')).toBe(1);
  expect(now.value('crossdesk_subgraph_request_seconds_count', { subgraph: 'conversation' })).toBe(2);
  expect(now.value('crossdesk_subgraph_request_seconds_count', { subgraph: 'crm', outcome: 'failed' })).toBe(1);
});

test('a query is planned the first time and known the second time', async () => {
  const before = await figures();
  await gateway.ask('{ me { id } }');
  await gateway.ask('{ me { id } }');
  const after = await figures();
  const moved = (outcome: string) =>
    (after.value('crossdesk_query_plans_total', { outcome }) ?? 0) -
    (before.value('crossdesk_query_plans_total', { outcome }) ?? 0);
  expect({ planned: moved('planned'), known: moved('known') }).toEqual({ planned: 1, known: 1 });
});

test('open subscriptions, pushed events, and how far the tail is behind', async () => {
  expect((await figures()).value('crossdesk_live_tail_lag_records')).toBe(0);
  const token = await gateway.tokenFor(gateway.agent);
  const client = createClient({
    url: gateway.url.replace('http', 'ws'),
    connectionParams: { authorization: `Bearer ${token}` },
  });
  const events = client.iterate({ query: 'subscription { inboxEvents { id } }' });
  const first = events.next();
  await eventually(async () => expect((await figures()).value('crossdesk_live_subscriptions')).toBe(1));
  gateway.log.publish(
    { topic: 'conversation.conversation', partition: 0 },
    inboxEvent({ tenantId: gateway.agent.tenantId }),
  );
  await first;
  const now = await figures();
  expect(now.value('crossdesk_live_sockets')).toBe(1);
  expect(now.value('crossdesk_live_events_total')).toBe(1);
  expect(now.value('crossdesk_live_tail_lag_records')).toBe(0);
  await client.dispose();
  await eventually(async () => expect((await figures()).value('crossdesk_live_subscriptions')).toBe(0));
});
