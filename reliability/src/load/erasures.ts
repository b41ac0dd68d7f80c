import type { Api } from '@crossdesk/standalone/support/api.ts';
import type { History } from '../history.ts';
import { canaryPrefix } from '../system/observe.ts';
import type { Shop, System } from '../system/system.ts';
import { insist } from '../system/insist.ts';
import { say } from './shuffled.ts';

const messagesEach = 3;
/** Further apart than any platform rounds its times, because pushes come in any order. */
const apartMs = 2_000;
const listed = `query($accountIds: [ID!]) { conversations(first: 100, filter: { accountIds: $accountIds }) {
  edges { node { buyerName customer { id } } } } }`;
const eraseCustomer = `mutation($customerId: ID!) {
  eraseCustomer(input: { customerId: $customerId }) { erasure { id } errors { code } } }`;

/** Buyers write whose name and messages hold a planted word, and an admin erases each of them. */
export async function erase(
  system: System,
  history: History,
  { seed, erasures }: { readonly seed: number; readonly erasures: number },
): Promise<void> {
  await Promise.all(
    (['lumina', 'nordic'] as const).map(async (slug) => {
      const shop = system.shops.find(({ name }) => name === `generic/${slug}-web`);
      if (shop === undefined) throw new Error(`${slug} has no generic shop`);
      for (let n = 0; n < erasures; n += 1)
        await eraseOne(system, history, {
          shop,
          admin: system[slug].admin,
          canary: `${canaryPrefix}${slug}-${seed}-${n}`,
        });
    }),
  );
}

interface Plan {
  readonly shop: Shop;
  readonly admin: Api;
  readonly canary: string;
}

async function eraseOne(system: System, history: History, { shop, admin, canary }: Plan): Promise<void> {
  const startMs = Date.now() - messagesEach * apartMs;
  for (let n = 0; n < messagesEach; n += 1)
    say(system, history, shop, canary, `${canary} asks ${n}`, { at: new Date(startMs + n * apartMs) });
  system.twin.buyerOrders({ shop: shop.shop, buyer: canary });
  await system.twin.settled();
  const customerId = await insist(() => customerCalled(admin, shop, canary));
  history.add({ op: 'erasure', phase: 'invoke', canary, erasureId: null });
  const erasureId = await insist(async () => {
    const answer = await admin.ask<{ eraseCustomer: { erasure: { id: string } } }>(eraseCustomer, { customerId });
    return answer.eraseCustomer.erasure.id;
  });
  history.add({ op: 'erasure', phase: 'ok', canary, erasureId });
}

async function customerCalled(admin: Api, shop: Shop, name: string): Promise<string> {
  type Row = { buyerName: string | null; customer: { id: string } | null };
  const answer = await admin.ask<{ conversations: { edges: { node: Row }[] } }>(listed, { accountIds: [shop.id] });
  const found = answer.conversations.edges.find(({ node }) => node.buyerName === name);
  if (found === undefined || found.node.customer === null) throw new Error(`${name} is no customer yet`);
  return found.node.customer.id;
}
