import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Content, Platform } from '@crossdesk/twin';
import { eventually } from '@crossdesk/testkit';
import { openInstallation, type Installation } from './support/installation.ts';
import { type ConnectedAccount, connectShop, setUpFirstWorkspace, type Workspace } from './support/workspace.ts';
let here: Installation; let ws: Workspace; const accounts = new Map<Platform, ConnectedAccount>();
beforeAll(async () => {
  here = await openInstallation();
  ws = await setUpFirstWorkspace((t) => here.api(t), here.running().setupCode, 'lumina');
  let n = 0;
  for (const p of ['shopee', 'tiktok-shop', 'whatsapp', 'generic'] as const) accounts.set(p, await connectShop(ws.admin, here.twin, p, `88880000${n++}`));
}, 60_000);
afterAll(() => here.close());
test('explore', async () => {
  for (const p of ['shopee', 'whatsapp', 'generic', 'tiktok-shop'] as const) {
    const { shop } = accounts.get(p)!;
    const order = here.twin.buyerOrders({ shop, buyer: 'ana' });
    const contents: Content[] = [{ kind: 'text', text: 'Where is my parcel? Please answer soon.' }, { kind: 'image', url: 'http://127.0.0.1:1/_twin/images/photo-1.svg', caption: null }, { kind: 'sticker', stickerId: 's1' }, { kind: 'order', externalOrderId: order.id }, { kind: 'product', externalProductId: '920100001' }, { kind: 'native', type: 'hologram', value: { a: 1 } }];
    for (const content of contents) here.twin.buyerSays({ shop, buyer: 'ana', content });
  }
  await Promise.race([here.twin.settled(), new Promise((r) => setTimeout(r, 4000))]);
  console.log(here.twin.pushes());
  await new Promise((r) => setTimeout(r, 3000));
  const q = `query Inbox { conversations(first: 20) { edges { node { id number state waitingSince unreadCount version buyerName channel account {id displayName status} lastMessagePreview assignee{id displayName} replyWindowClosesAt messages(first: 50, oldestFirst:true) {edges{node{ id kind text author direction externalId occurredAt receivedAt recordedAt language{locale confidence engine} delivery{status failure detail} externalOrderId product{externalProductId} platformKind media{url} stickerUrl}}} notes{text author{displayName}} customer { id displayName identities{kind value account{id displayName}} orders{externalId} conversations{id} } orderLink { confidence reason order{ externalId state items{sku title quantity unitPrice{amountMinor currency}} recipient{fullAddress isMasked} shipments{carrier trackingNumber state} total{amountMinor currency}} } } } } inboxOverview { conversationCount rows{ channel account{id displayName} state conversationCount unreadMessageCount } } }`;
  console.log(JSON.stringify(await ws.agent.answer(q), null, 1));
}, 60_000);
