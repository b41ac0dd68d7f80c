import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually, startStopwatch } from '@crossdesk/testkit';
import { type Installation, openInstallation } from './support/installation.ts';
import { liveClient } from './support/live.ts';
import { setUpFirstWorkspace, type Workspace } from './support/workspace.ts';

let here: Installation;
let ws: Workspace;

beforeAll(async () => {
  here = await openInstallation();
  ws = await setUpFirstWorkspace((token) => here.api(token), here.running().setupCode, 'shop');
}, 90_000);
afterAll(() => here.close());

const me = '{ me { id role version } }';
const update = `mutation($input: UpdateAgentInput!) { updateAgent(input: $input) { errors { code } } }`;

test('a person who loses access or signs out is locked out within 30 seconds, including their subscriptions', async () => {
  const closed = new Promise<unknown>((resolve) => {
    const client = liveClient(here.graphqlUrl, ws.agent.token);
    client.on('closed', resolve);
    client.subscribe({ query: 'subscription { inboxEvents { id } }' }, { next() {}, error() {}, complete() {} });
  });
  const { me: found } = await ws.agent.ask<{ me: { id: string; version: number } }>(me);
  const sinceThen = startStopwatch();
  const input = { agentId: found.id, expectedVersion: found.version, isActive: false };
  expect(await ws.admin.ask(update, { input })).toEqual({ updateAgent: { errors: [] } });
  await ws.supervisor.ask('mutation { signOut { errors { code } } }');
  for (const api of [ws.agent, ws.supervisor]) {
    await eventually(async () => {
      expect((await api.answer(me)).errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
    });
  }
  expect(await closed).toMatchObject({ code: 4403 });
  expect(sinceThen.quietMs()).toBeLessThan(30_000);
  expect((await ws.admin.ask<{ me: object }>(me)).me).toMatchObject({ role: 'ADMIN' });
}, 60_000);
