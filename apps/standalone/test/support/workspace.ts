import { type ConversationService, createAgent, createWorkspace } from '@crossdesk/conversation';
import { type ConnectedShop, type Platform, type Twin } from '@crossdesk/twin';
import type { Api } from './api.ts';

export interface Workspace {
  readonly slug: string;
  readonly admin: Api;
  readonly supervisor: Api;
  readonly agent: Api;
  readonly agentIds: { readonly admin: string; readonly supervisor: string; readonly agent: string };
}

type ApiWith = (token: string | null) => Api;
type Role = 'admin' | 'supervisor' | 'agent';

const password = 'a long enough password';
const emailOf = (slug: string, role: string) => `${role}@${slug}.example`;

const signInMutation = `mutation($input: SignInInput!) { signIn(input: $input) { accessToken agent { id } errors { code message } } }`;
const createWorkspaceMutation = `mutation($input: CreateWorkspaceInput!) {
  createWorkspace(input: $input) { accessToken agent { id } errors { code message } } }`;
const createAgentMutation = `mutation($input: CreateAgentInput!) { createAgent(input: $input) { agent { id } errors { code message } } }`;
const connectMutation = `mutation($input: ConnectChannelAccountInput!) {
  connectChannelAccount(input: $input) { account { id } webhookUrl setupSteps errors { code message path } } }`;

interface SignedIn {
  readonly accessToken: string | null;
  readonly agent: { readonly id: string } | null;
  readonly errors: readonly unknown[];
}

function tokenOf({ accessToken, agent, errors }: SignedIn): { token: string; agentId: string } {
  if (accessToken === null || agent === null) throw new Error(`not signed in: ${JSON.stringify(errors)}`);
  return { token: accessToken, agentId: agent.id };
}

/** Creates the first workspace with the setup code, as a person would, and its people. */
export async function setUpFirstWorkspace(api: ApiWith, setupCode: string, slug: string): Promise<Workspace> {
  const input = {
    setupCode,
    workspace: slug,
    workspaceName: slug,
    displayName: 'admin',
    email: emailOf(slug, 'admin'),
    password,
  };
  const { createWorkspace: made } = await api(null).ask<{ createWorkspace: SignedIn }>(createWorkspaceMutation, {
    input,
  });
  const { token } = tokenOf(made);
  for (const role of ['supervisor', 'agent']) {
    const person = {
      clientMutationId: role,
      displayName: role,
      email: emailOf(slug, role),
      password,
      role: role.toUpperCase(),
    };
    await api(token).ask(createAgentMutation, { input: person });
  }
  return signInAll(api, slug);
}

/** Another workspace, created in the same way as for the demo, because the API creates only the first one. */
export async function seedWorkspace(api: ApiWith, conversation: ConversationService, slug: string): Promise<Workspace> {
  const { tenantId } = await createWorkspace(conversation, { slug, name: slug });
  for (const role of ['admin', 'supervisor', 'agent'] as const) {
    await createAgent(conversation, tenantId, { displayName: role, email: emailOf(slug, role), password, role });
  }
  return signInAll(api, slug);
}

async function signInAll(api: ApiWith, slug: string): Promise<Workspace> {
  const enter = async (role: Role) => {
    const input = { workspace: slug, email: emailOf(slug, role), password };
    const { signIn } = await api(null).ask<{ signIn: SignedIn }>(signInMutation, { input });
    return tokenOf(signIn);
  };
  const [admin, supervisor, agent] = [await enter('admin'), await enter('supervisor'), await enter('agent')];
  return {
    slug,
    admin: api(admin.token),
    supervisor: api(supervisor.token),
    agent: api(agent.token),
    agentIds: { admin: admin.agentId, supervisor: supervisor.agentId, agent: agent.agentId },
  };
}

export interface ConnectedAccount {
  readonly id: string;
  readonly webhookUrl: string;
  readonly shop: ConnectedShop;
}

/**
 * Adds a shop at the simulated platform and connects it with the credentials that the platform would show the seller.
 * `throughPort`: the port of a proxy on this machine in front of the platform.
 */
export async function connectShop(
  admin: Api,
  twin: Twin,
  platform: Platform,
  externalAccountId: string,
  throughPort?: number,
): Promise<ConnectedAccount> {
  const shop = twin.addShop({ platform, externalAccountId });
  const input = {
    channel: platform.toUpperCase().replaceAll('-', '_'),
    displayName: shop.name,
    externalAccountId,
    credentials: Object.entries(shop.credentials).map(([name, value]) => ({ name, value })),
    apiBaseUrl: at(shop.baseUrls.api, throughPort),
    authBaseUrl: at(shop.baseUrls.auth, throughPort),
  };
  const { connectChannelAccount } = await admin.ask<{
    connectChannelAccount: { account: { id: string } | null; webhookUrl: string | null; errors: unknown[] };
  }>(connectMutation, { input });
  const { account, webhookUrl, errors } = connectChannelAccount;
  if (account === null || webhookUrl === null)
    throw new Error(`${platform} is not connected: ${JSON.stringify(errors)}`);
  twin.setWebhookUrl(shop, webhookUrl);
  return { id: account.id, webhookUrl, shop };
}

function at(address: string, port: number | undefined): string {
  const url = new URL(address);
  if (port !== undefined) url.port = String(port);
  return url.toString();
}
