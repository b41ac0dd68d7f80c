import { createAgent, createWorkspace } from '@crossdesk/conversation';
import { createApi } from '@crossdesk/standalone/support/api.ts';
import { connectShop } from '@crossdesk/standalone/support/workspace.ts';
import { nameOfShop, type Shop, type System } from '../system/system.ts';
import { withSeeding } from '../system/seeding.ts';

/** A workspace with one shop and one person, by their token. */
export interface Tenant {
  readonly token: string;
  readonly shop: Shop;
}

const password = 'a long enough password';
const platform = 'generic';
const signInMutation = `mutation($input: SignInInput!) { signIn(input: $input) { accessToken errors { code message } } }`;

/** Adds so many equal tenants. */
export async function gatherCrowd(system: System, size: number): Promise<readonly Tenant[]> {
  const slugs = Array.from({ length: size }, (_, n) => `crowd-${n}`);
  await withSeeding(system, async (conversation) => {
    for (const slug of slugs) {
      const { tenantId } = await createWorkspace(conversation, { slug, name: slug });
      const email = emailOf(slug);
      await createAgent(conversation, tenantId, { displayName: slug, email, password, role: 'admin' });
    }
  });
  const tenants: Tenant[] = [];
  for (const slug of slugs) tenants.push(await moveIn(system, slug));
  return tenants;
}

async function moveIn({ graphqlUrl, twin, platformProxy }: System, slug: string): Promise<Tenant> {
  const token = await signIn(graphqlUrl, slug);
  const account = await connectShop(
    createApi(() => graphqlUrl, token),
    twin,
    platform,
    slug,
    platformProxy.port,
  );
  return { token, shop: { ...account, platform, name: nameOfShop(platform, slug) } };
}

async function signIn(graphqlUrl: string, slug: string): Promise<string> {
  const input = { workspace: slug, email: emailOf(slug), password };
  const { signIn: signedIn } = await createApi(() => graphqlUrl, null).ask<{
    signIn: { accessToken: string | null; errors: readonly unknown[] };
  }>(signInMutation, { input });
  const { accessToken, errors } = signedIn;
  if (accessToken === null) throw new Error(`${slug} is not signed in: ${JSON.stringify(errors)}`);
  return accessToken;
}

function emailOf(slug: string): string {
  return `admin@${slug}.example`;
}
