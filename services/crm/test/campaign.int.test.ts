import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  type AgentId,
  type CampaignId,
  type ChannelAccountId,
  type ConversationId,
  type CustomerId,
  newId,
  type TenantId,
} from '@crossdesk/contracts';
import {
  aBuyer,
  anAgent,
  anEvent,
  ask,
  eventually,
  givenMessage,
  openHarness,
  type TestHarness,
} from '@crossdesk/testkit';
import { sql } from 'kysely';
import { type CrmService, openCrm } from '../src/app.ts';
import { continueCampaign } from '../src/campaign/campaign-job.ts';
import { readCampaign, saveCampaign } from '../src/campaign/campaign.store.ts';
import { take } from '../src/campaign/campaign.domain.ts';
import { armOf } from '../src/outreach/arm.ts';
import { passGate } from '../src/outreach/decide.commands.ts';
import { claimDue } from '../src/outreach/outreach.store.ts';
import { decisionSettled, givenOrder } from './given.ts';

const hourMs = 3_600_000;
/** An hour of a day to come, by UTC: who writes today is known by then. */
function hourOf(daysAhead: number, hour: number): Date {
  const day = new Date(Date.now() + daysAhead * 24 * hourMs).toISOString().slice(0, 10);
  return new Date(Date.parse(`${day}T00:00:00.000Z`) + hour * hourMs);
}
let now = hourOf(1, 12);
let harness: TestHarness;
let crm: CrmService;
beforeAll(async () => {
  harness = await openHarness({ clock: { now: () => now } });
  crm = await openCrm(harness.deps);
  await crm.start();
});
afterAll(async () => {
  await crm.stop(5_000);
  await harness.close();
});

const as = async <Result>(
  { tenantId, role = 'supervisor' }: { tenantId: TenantId; role?: 'agent' | 'supervisor' },
  query: string,
  variables: object = {},
): Promise<Result> => {
  const { data, errors } = await ask(crm.subgraph, anAgent(tenantId, role), query, { ...variables });
  if (data === null || errors.length > 0) throw new Error(JSON.stringify(errors));
  return data as Result;
};

const shown = `id state pauseReason version condition { all { leaf { field } } } texts { locale }
  progress { memberCount isFrozen plannedCount sentCount failedCount heldOutCount suppressed { reason count } }`;
interface Shown {
  readonly id: CampaignId;
  readonly state: string;
  readonly pauseReason: string | null;
  readonly version: number;
  readonly progress: {
    readonly memberCount: number;
    readonly plannedCount: number;
    readonly sentCount: number;
    readonly heldOutCount: number;
    readonly suppressed: readonly { readonly reason: string; readonly count: number }[];
  };
}
interface Answer {
  readonly made: { readonly campaign: Shown | null; readonly errors: readonly { readonly code: string }[] };
}

const texts = [
  { locale: 'en', text: 'Hello {name}, we have news.' },
  { locale: 'pt-BR', text: 'Olá {name}, temos novidades.' },
];
const everybody = { all: [] };

async function upsert(tenantId: TenantId, changes: object = {}, role?: 'agent') {
  const query = `mutation($input: UpsertCampaignInput!) { made: upsertCampaign(input: $input) { campaign { ${shown} } errors { code } } }`;
  const input = { name: 'News', purpose: 'SERVICE', condition: everybody, texts, holdOutShare: 0, ...changes };
  return (await as<Answer>({ tenantId, ...(role ? { role } : {}) }, query, { input })).made;
}

async function made(tenantId: TenantId, changes: object = {}): Promise<Shown> {
  const { campaign, errors } = await upsert(tenantId, changes);
  if (campaign === null) throw new Error(JSON.stringify(errors));
  return campaign;
}

type Step = 'launch' | 'pause' | 'resume' | 'cancel';
async function step(tenantId: TenantId, what: Step, { id, version }: Pick<Shown, 'id' | 'version'>) {
  const query = `mutation($input: CampaignInput!) { made: ${what}Campaign(input: $input) { campaign { ${shown} } errors { code } } }`;
  const input = { campaignId: id, expectedVersion: version };
  return (await as<Answer>({ tenantId }, query, { input })).made;
}

async function read(tenantId: TenantId, id: CampaignId): Promise<Shown> {
  const query = `query($id: ID!) { campaign(id: $id) { ${shown} } }`;
  return (await as<{ campaign: Shown }>({ tenantId }, query, { id })).campaign;
}

interface Person {
  readonly customerId: CustomerId;
  readonly conversationId: ConversationId;
  readonly name: string;
}

const buyerOf = (name: string, phone: string | null = null) => ({
  ...aBuyer,
  ...{ externalId: name, commerceId: name, name, phone, email: null, locale: 'pt-BR' },
});

/** People who have written to a store. */
async function givenPeople(
  { tenantId, accountId }: { tenantId: TenantId; accountId: ChannelAccountId },
  names: readonly string[],
): Promise<Person[]> {
  const messages = names.map((name) => givenMessage({ tenantId, accountId, channel: 'generic', buyer: buyerOf(name) }));
  await harness.publish(...messages);
  return Promise.all(
    messages.map(async ({ data: { conversationId } }, n) => {
      const linked = await harness.events.next('crm.conversation-linked', (e) => e.aggregateId === conversationId);
      return { customerId: linked.data.customerId, conversationId, name: names[n] ?? '' };
    }),
  );
}

const newShop = () => ({ tenantId: newId<TenantId>(), accountId: newId<ChannelAccountId>() });
const names = (count: number) => Array.from({ length: count }, (_, n) => `Person ${n}`);
const decidedIn = (tenantId: TenantId) =>
  harness.events.of('crm.message-decided').filter((event) => event.tenantId === tenantId);
/** Lets the job and the gate look now, as every step does: nothing tells them that the clock of the test has moved. */
const nudge = () => step(newId<TenantId>(), 'pause', { id: newId<CampaignId>(), version: 1 });
/** Nothing is planned any more that is not with the conversation service. */
const allDecided = (tenantId: TenantId, count: number) =>
  eventually(() => {
    expect(decidedIn(tenantId)).toHaveLength(count);
    return Promise.resolve(decidedIn(tenantId));
  });

test('S1-5.9: the arms of a campaign are fixed at its launch and are counted with the orders that follow', async () => {
  const shop = newShop();
  const { tenantId, accountId } = shop;
  const people = await givenPeople(shop, names(12));
  const campaign = await made(tenantId, { holdOutShare: 5_000 });
  expect((await step(tenantId, 'launch', campaign)).errors).toEqual([]);
  const launched = await harness.events.next('crm.campaign-launched', (e) => e.aggregateId === campaign.id);
  expect(launched.data).toMatchObject({ purpose: 'service', segmentId: null, holdOutShare: 5_000 });
  const heldOut = people.filter(({ customerId }) => armOf(campaign.id, customerId, 5_000) === 'hold-out');
  const messaged = people.filter((person) => !heldOut.includes(person));
  const decided = await allDecided(tenantId, messaged.length);
  expect(new Set(decided.map(({ data }) => data.conversationId))).toEqual(
    new Set(messaged.map(({ conversationId }) => conversationId)),
  );
  const one = decided[0]?.data;
  const person = people.find(({ conversationId }) => conversationId === one?.conversationId);
  expect(one).toMatchObject({ kind: 'campaign', content: { text: `Olá ${person?.name ?? ''}, temos novidades.` } });
  // All are written: the campaign ends, with its numbers.
  await harness.publish(...decided.map((event) => decisionSettled(event)));
  await eventually(async () => {
    now = new Date(now.getTime() + 10_000);
    expect((await read(tenantId, campaign.id)).state).toBe('FINISHED');
  });
  const finished = await harness.events.next('crm.campaign-finished', (e) => e.aggregateId === campaign.id);
  const numbers = { memberCount: 12, sentCount: messaged.length, heldOutCount: heldOut.length, suppressedCount: 0 };
  expect(finished.data).toMatchObject({ outcome: 'finished', failedCount: 0, ...numbers });
  expect(finished.aggregateVersion).toBeGreaterThan(launched.aggregateVersion);
  // Everybody buys once; the first of each side once more; what comes later, is unpaid or cancelled does not count.
  const at = (hours: number) => new Date(Date.parse(launched.data.launchedAt) + hours * hourMs).toISOString();
  let serial = 0;
  const order = (buyer: Person | undefined, hours: number, state: 'to_ship' | 'cancelled' | 'pending_payment') =>
    givenOrder({
      ...{ tenantId, accountId, state, buyerExternalId: buyer?.name ?? '', placedAt: at(hours) },
      externalOrderId: `N${(serial += 1)}`,
    });
  const bought = people.slice(0, 6);
  await harness.publish(
    ...bought.map((buyer) => order(buyer, 24, 'to_ship')),
    order(bought[0], 48, 'to_ship'),
    order(people[7], -24, 'to_ship'),
    order(people[8], 15 * 24, 'to_ship'),
    order(people[9], 24, 'cancelled'),
    order(people[10], 24, 'pending_payment'),
  );
  const armsQuery = `query($id: ID!, $days: Int!) { campaign(id: $id) { arms(withinDays: $days) { arm memberCount buyerCount orderCount } } }`;
  const side = (of: readonly Person[], arm: string) => {
    const buyers = of.filter((buyer) => bought.includes(buyer));
    const orderCount = buyers.length + (buyers.some((buyer) => buyer === bought[0]) ? 1 : 0);
    return { arm, memberCount: of.length, buyerCount: buyers.length, orderCount };
  };
  const both = [side(messaged, 'MESSAGE'), side(heldOut, 'HOLD_OUT')].filter(({ memberCount }) => memberCount > 0);
  await eventually(async () => {
    const { campaign: seen } = await as<{ campaign: { arms: object[] } }>({ tenantId }, armsQuery, {
      ...{ id: campaign.id, days: 14 },
    });
    expect(seen.arms).toEqual(both);
  });
});

test('each person gets one message, whatever dies in between and whoever turns out to be one', async () => {
  const shop = newShop();
  const { tenantId, accountId } = shop;
  const { db, outbox } = crm.runtime;
  const people = await givenPeople(shop, names(5));
  const campaign = await made(tenantId);
  // Launched tomorrow, so that the service leaves the job and the gate to the test.
  let later = new Date(now.getTime() + 24 * hourMs);
  const deps = { outbox, clock: { now: () => later }, suppressionKey: Buffer.alloc(32) };
  await db.asWorker(async (trx) => {
    const draft = await readCampaign(trx, tenantId, campaign.id);
    if (draft === null) throw new Error('there is no campaign');
    const wish = { by: newId<AgentId>(), expectedVersion: draft.version, now: later };
    const launched = take('launch', draft, wish);
    if (launched.ok) await saveCampaign(trx, launched.value);
  });
  const crash = new Error('the process ends before it commits');
  const dies = (work: Parameters<typeof db.asWorker>[0]) =>
    expect(
      db.asWorker(async (trx) => {
        await work(trx);
        throw crash;
      }),
    ).rejects.toThrow(crash);
  const go = () => db.asWorker((trx) => continueCampaign(deps, trx));
  // Two processes look at once, and each step dies once before it is committed.
  await dies((trx) => continueCampaign(deps, trx));
  expect(await Promise.all([go(), go()])).toContain('frozen');
  for (let steps = 0; steps < 3; steps += 1) {
    await dies((trx) => continueCampaign(deps, trx));
    await go();
  }
  // A job that begins again from the start, as after a restored place, plans nothing twice.
  const restart = sql`update campaign set released_after = null, is_released = false where id = ${campaign.id}`;
  await db.asWorker((trx) => restart.execute(trx));
  await go();
  await go();
  const planned = await db.asWorker((trx) =>
    trx.selectFrom('outreach').select('id').where('subject', '=', campaign.id).execute(),
  );
  expect(planned).toHaveLength(5);
  // Two of the five turn out to be one person.
  const phone = '+5511987650001';
  await harness.publish(
    ...people
      .slice(0, 2)
      .map(({ name, conversationId }) =>
        givenMessage({ tenantId, accountId, conversationId, channel: 'generic', buyer: buyerOf(name, phone) }),
      ),
  );
  const query = 'query($id: ID!) { customer(id: $id) { id } }';
  await eventually(async () => {
    const ids = people.slice(0, 2).map(async ({ customerId: id }) => {
      const { customer } = await as<{ customer: { id: string } }>({ tenantId }, query, { id });
      return customer.id;
    });
    expect(new Set(await Promise.all(ids)).size).toBe(1);
  });
  // The gate dies with one, its lease ends, and two workers hold all of them.
  const claim = () => db.asWorker((trx) => claimDue(trx, 50, later));
  const first = await claim();
  expect(first.length).toBeGreaterThanOrEqual(5);
  for (const claimed of first.slice(0, 1)) await dies((trx) => passGate(deps, trx, claimed));
  later = new Date(later.getTime() + 120_000);
  const again = await claim();
  await Promise.all([...first, ...again, ...again].map((one) => db.asWorker((trx) => passGate(deps, trx, one))));
  const decided = await allDecided(tenantId, 4);
  expect(new Set(decided.map(({ data }) => data.conversationId)).size).toBe(4);
  expect((await read(tenantId, campaign.id)).progress.suppressed).toEqual([{ reason: 'ALREADY_DECIDED', count: 1 }]);
});

test('a dry run says what the gate would; nothing goes out while it is paused, nor after it is cancelled', async () => {
  const shop = newShop();
  const { tenantId } = shop;
  const people = await givenPeople(shop, names(4));
  const [willing, objector] = people;
  const consents = `mutation($input: RecordConsentInput!) { recordConsent(input: $input) { errors { code } } }`;
  const say = (person: Person | undefined, state: string) =>
    as({ tenantId }, consents, {
      input: {
        ...{ customerId: person?.customerId, purpose: 'MARKETING', state, basis: 'OPT_IN', wording: 'Yes, news.' },
      },
    });
  await say(willing, 'GRANTED');
  await say(objector, 'WITHDRAWN');
  const marketing = await made(tenantId, { purpose: 'MARKETING' });
  const dryQuery = `query($id: ID!) { campaignDryRun(campaignId: $id) { lookedAtCount isComplete verdicts { verdict count }
    sample { customer { id } verdict text } } }`;
  const { campaignDryRun } = await as<{ campaignDryRun: { sample: object[] } }>({ tenantId }, dryQuery, {
    id: marketing.id,
  });
  expect(campaignDryRun).toMatchObject({
    ...{ lookedAtCount: 4, isComplete: true },
    verdicts: [
      { verdict: 'NO_CONSENT', count: 2 },
      { verdict: 'OBJECTED', count: 1 },
      { verdict: 'SEND', count: 1 },
    ],
  });
  expect(campaignDryRun.sample).toContainEqual({
    ...{ customer: { id: willing?.customerId }, verdict: 'SEND', text: 'Olá Person 0, temos novidades.' },
  });
  expect(decidedIn(tenantId)).toEqual([]);
  // At night it waits for the morning; then somebody pauses it, and the morning comes.
  now = hourOf(3, 22);
  const { campaign: running } = await step(tenantId, 'launch', marketing);
  const waits = `query($id: ID!) { customer(id: $id) { outreach { state reason } } }`;
  const reasonIs = (reason: string | null, state = 'PLANNED') =>
    eventually(async () => {
      const found = await as<{ customer: { outreach: object[] } }>({ tenantId }, waits, { id: willing?.customerId });
      expect(found.customer.outreach).toEqual([{ state, reason }]);
    });
  await reasonIs('QUIET_HOURS');
  if (running === null) throw new Error('it was not launched');
  const { campaign: paused } = await step(tenantId, 'pause', running);
  now = hourOf(4, 10);
  await nudge();
  await reasonIs('PAUSED');
  expect(decidedIn(tenantId)).toEqual([]);
  if (paused === null) throw new Error('it was not paused');
  expect((await step(tenantId, 'launch', paused)).errors).toEqual([{ code: 'ILLEGAL_TRANSITION' }]);
  expect((await step(tenantId, 'resume', running)).errors).toEqual([{ code: 'VERSION_CONFLICT' }]);
  await step(tenantId, 'resume', paused);
  await nudge();
  await allDecided(tenantId, 1);
  // The next one is cancelled while all wait for the morning.
  now = hourOf(8, 22);
  const next = await made(tenantId, { purpose: 'MARKETING', validHours: 24 });
  const { campaign: second } = await step(tenantId, 'launch', next);
  await eventually(async () => expect((await read(tenantId, next.id)).progress.suppressed).toHaveLength(2));
  if (second === null) throw new Error('it was not launched');
  const { campaign: cancelled } = await step(tenantId, 'cancel', second);
  expect(cancelled?.state).toBe('CANCELLED');
  await nudge();
  await eventually(async () =>
    expect((await read(tenantId, next.id)).progress.suppressed).toContainEqual({ reason: 'CANCELLED', count: 1 }),
  );
  expect(decidedIn(tenantId)).toHaveLength(1);
});

test('a campaign whose first messages fail pauses by itself, and not a second time', async () => {
  const shop = newShop();
  const { tenantId, accountId } = shop;
  const others = await givenPeople(shop, names(14));
  const campaign = await made(tenantId);
  await step(tenantId, 'launch', campaign);
  const decided = await allDecided(tenantId, others.length);
  await harness.publish(...decided.map((event) => decisionSettled(event)));
  const fail = (count: number) =>
    decided.slice(0, count).map(({ data: { messageId, conversationId } }) => {
      const failed = { status: 'failed' as const, failure: 'PLATFORM_ERROR' as const };
      const data = { messageId, conversationId, accountId, ...failed, detail: null, externalMessageId: null };
      return anEvent('ingest.delivery-updated', data, { tenantId, aggregateId: conversationId });
    });
  await harness.publish(...fail(11));
  const reason = '11 of the first 14 messages could not be delivered.';
  const paused = await eventually(async () => {
    const seen = await read(tenantId, campaign.id);
    expect(seen).toMatchObject({ state: 'PAUSED', pauseReason: reason, progress: { failedCount: 11, sentCount: 3 } });
    return seen;
  });
  await step(tenantId, 'resume', paused);
  await harness.publish(...fail(12));
  await eventually(async () => {
    now = new Date(now.getTime() + 10_000);
    await nudge();
    expect(await read(tenantId, campaign.id)).toMatchObject({ state: 'FINISHED', progress: { failedCount: 12 } });
  });
});

test('a campaign is changed by its version, and its texts must render; only leads see campaigns', async () => {
  const tenantId = newId<TenantId>();
  const codes = async (changes: object) => (await upsert(tenantId, changes)).errors.map(({ code }) => code);
  expect(await codes({ texts: [{ locale: 'en', text: 'Order {tracking}' }] })).toEqual(['INVALID_INPUT']);
  expect(await codes({ holdOutShare: 5_001 })).toEqual(['INVALID_INPUT']);
  expect(await codes({ validHours: 0 })).toEqual(['INVALID_INPUT']);
  expect(await codes({ condition: null })).toEqual(['INVALID_INPUT']);
  expect(await codes({ condition: null, segmentId: newId() })).toEqual(['NOT_FOUND']);
  expect(await codes({ campaignId: newId(), expectedVersion: 1 })).toEqual(['NOT_FOUND']);
  expect((await upsert(tenantId, {}, 'agent')).errors).toMatchObject([{ code: 'FORBIDDEN' }]);
  const { id } = await made(tenantId);
  expect(await codes({ campaignId: id, expectedVersion: 2, name: 'Other' })).toEqual(['VERSION_CONFLICT']);
  expect(await codes({ campaignId: id, expectedVersion: 1, name: 'Other' })).toEqual([]);
  await step(tenantId, 'launch', { id, version: 2 });
  expect(await codes({ campaignId: id, expectedVersion: 3 })).toEqual(['ILLEGAL_TRANSITION']);
  const list = '{ campaigns(first: 1) { edges { node { name state } } pageInfo { hasNextPage } } }';
  expect(await as({ tenantId }, list)).toMatchObject({ campaigns: { edges: [{ node: { name: 'Other' } }] } });
  expect(await as({ tenantId: newId<TenantId>() }, list)).toMatchObject({ campaigns: { edges: [] } });
});
