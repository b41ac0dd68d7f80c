import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '@crossdesk/testkit';
import type { Api } from './support/api.ts';
import { openSystem, type System } from './support/system.ts';
import { setUpFirstWorkspace, type Workspace } from './support/workspace.ts';
import { describeAutomation } from './system/automation.cases.ts';
import { describeCustomers } from './system/customers.cases.ts';
import { describeMainJob } from './system/main-job.cases.ts';
import { describeReplies } from './system/replies.cases.ts';
import { describeSubscriptions } from './system/subscriptions.cases.ts';

/** One system for all cases, because its start takes longer than most of them; each group has workspaces of its own. */
interface Opened {
  readonly here: System;
  readonly lumina: Workspace;
  readonly replying: Workspace;
  readonly automating: Workspace;
  readonly valuing: Workspace;
  readonly listening: Workspace;
  readonly foreign: Workspace;
  readonly retiredToken: Api;
}

let opened: Opened;

beforeAll(async () => {
  const here = await openSystem();
  const lumina = await setUpFirstWorkspace((token) => here.api(token), here.setupCode, 'lumina');
  opened = {
    here,
    lumina,
    replying: await here.seed('replying'),
    automating: await here.seed('automating'),
    valuing: await here.seed('valuing'),
    listening: await here.seed('listening'),
    foreign: await here.seed('foreign'),
    retiredToken: await useAndRevokeToken(here, lumina),
  };
}, 120_000);

afterAll(() => opened.here.close());

/** Revoked at the start and checked at the end, because gateways may cache a token for half a minute. */
async function useAndRevokeToken(here: System, lumina: Workspace): Promise<Api> {
  const create = `mutation { createApiToken(input: { name: "export", role: AGENT, scopes: [CONVERSATION_READ], expiresInDays: 30 }) { apiToken { id } secret errors { code } } }`;
  const { createApiToken } = await lumina.admin.ask<{ createApiToken: { apiToken: { id: string }; secret: string } }>(
    create,
  );
  const program = here.api(createApiToken.secret);
  expect(await program.ask('{ conversations(first: 1) { edges { node { id } } } }')).toEqual({
    conversations: { edges: [] },
  });
  const revoke = `mutation($id: ID!) { revokeApiToken(input: { apiTokenId: $id }) { apiToken { revokedAt } errors { code } } }`;
  await lumina.admin.ask(revoke, { id: createApiToken.apiToken.id });
  return program;
}

describeMainJob(() => opened);
describeReplies(() => opened);
describeAutomation(() => opened);
describeCustomers(() => opened);

test('a revoked API token no longer works', async () => {
  await eventually(async () => {
    const { errors } = await opened.retiredToken.answer('{ me { id } }');
    expect(errors[0]?.extensions?.code).toBe('UNAUTHENTICATED');
  }, 40_000);
}, 60_000);

describeSubscriptions(() => opened);
