import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually, freePorts } from '@crossdesk/testkit';
import { createTwin, type Twin } from '@crossdesk/twin';
import { rmSync } from 'node:fs';
import { pause } from './support/pause.ts';
import { type Api, createApi } from './support/api.ts';
import { type Child, newDataDirectory, startChild } from './support/child.ts';
import { keptCounters, recount } from './support/inbox.ts';
import { randomFrom } from './support/random.ts';
import { readEverything, tally } from './support/tally.ts';
import { connectShop, setUpFirstWorkspace, type Workspace } from './support/workspace.ts';

const seed = Number(process.env['KILL_SEED'] ?? Date.now() % 1_000_000);
const random = randomFrom(seed);
const killsMin = 2;
const killsMax = 3;
const messagesPerShop = 600;
/** Shopee takes two replies a second from a store: this many are sent in time. */
const repliesMax = 30;
/** Fewer replies would prove nothing: kills may leave no time to answer. */
const repliesMin = 10;
const quietWithinMs = 90_000;

let environment: Readonly<Record<string, string>>;
let twin: Twin;
let child: Child;

beforeAll(async () => {
  const [gatewayPort, ingestPort] = await freePorts(2);
  environment = {
    DATA_DIRECTORY: newDataDirectory(),
    GATEWAY_PORT: String(gatewayPort),
    INGEST_PORT: String(ingestPort),
    HEALTH_PORT: '0',
    ALLOW_PRIVATE_ADDRESSES: 'true',
    SYNC_EVERY_SECONDS: '3600',
    PLATFORM_TIMEOUT_SECONDS: '1',
    READ_BACK_AFTER_SECONDS: '2',
    LOG_LEVEL: 'error',
  };
  twin = createTwin({ seed: String(seed), pushRetriesMs: [100] });
  await twin.listen(0);
  child = startChild(environment);
  await child.ready;
}, 60_000);

afterAll(async () => {
  await twin.close();
  child.kill('SIGTERM');
  await child.ended;
  rmSync(environment['DATA_DIRECTORY'] ?? '', { recursive: true, force: true });
}, 30_000);

const api = (token: string | null): Api =>
  createApi(() => `http://127.0.0.1:${environment['GATEWAY_PORT']}/graphql`, token);

/** Waits longer than a test of one service, because the whole system needs it. */
const onceQuiet = <Result>(check: () => Promise<Result>): Promise<Result> => eventually(check, quietWithinMs);

/** Asks until there is an answer: a client whose server was killed does not know whether its request was executed. */
async function insist<Data>(who: Api, query: string, variables: Record<string, unknown>): Promise<Data> {
  return onceQuiet(() => who.ask<Data>(query, variables));
}

const sendMessage = `mutation($input: SendMessageInput!) { sendMessage(input: $input) { message { id } errors { code } } }`;
const listed = `{ conversations(first: 100) { edges { node { id } } } }`;

/** Agents reply during the test. Returns the accepted texts, by message id. */
async function answerUntil(who: Api, isOver: () => boolean): Promise<Map<string, string>> {
  const accepted = new Map<string, string>();
  for (let n = 0; (!isOver() || accepted.size < repliesMin) && n < repliesMax; n += 1) {
    const { conversations } = await insist<{ conversations: { edges: { node: { id: string } }[] } }>(who, listed, {});
    const found = conversations.edges[random(Math.max(1, conversations.edges.length))];
    if (found === undefined) continue;
    const text = `answer ${seed}-${n}`;
    const input = { clientMutationId: text, conversationId: found.node.id, text };
    const { sendMessage: sent } = await insist<{ sendMessage: { message: { id: string } | null } }>(who, sendMessage, {
      input,
    });
    if (sent.message === null) throw new Error('a reply was refused');
    accepted.set(sent.message.id, text);
    await pause(50);
  }
  return accepted;
}

async function killAgainAndAgain(isOver: () => boolean): Promise<number> {
  let kills = 0;
  while (kills < killsMax && !(isOver() && kills >= killsMin)) {
    await pause(300 + random(1_500));
    child.kill('SIGKILL');
    expect((await child.ended).signal).toBe('SIGKILL');
    kills += 1;
    child = startChild(environment);
    await child.ready;
  }
  return kills;
}

test('repeated kills under load lose, double or reorder nothing, and every reply is executed once', async () => {
  const lumina: Workspace = await setUpFirstWorkspace(api, await child.setupCode, 'lumina');
  const shops = [
    await connectShop(lumina.admin, twin, 'generic', 'lumina-web'),
    await connectShop(lumina.admin, twin, 'shopee', '700000001'),
  ];
  twin.faults.rate('shopee', { fault: 'execute-then-reset', percent: 10 });

  let isOver = false;
  const bursting = Promise.all(
    shops.map(({ shop }) =>
      twin.burst({ shop, messages: messagesPerShop, duplicatesPercent: 10, concurrency: 4, threads: 100 }),
    ),
  ).finally(() => {
    isOver = true;
  });
  const [bursts, kills, replies] = await Promise.all([
    bursting,
    killAgainAndAgain(() => isOver),
    answerUntil(lumina.agent, () => isOver),
  ]);
  twin.faults.clear();
  await twin.settled();

  expect(bursts.flatMap(({ givenUp }) => givenUp)).toEqual([]);
  await onceQuiet(async () => {
    const kept = await keptCounters(lumina.supervisor);
    expect(kept).toEqual(await recount(lumina.supervisor));
    const { unknownDeliveries } = await lumina.supervisor.ask<{ unknownDeliveries: { edges: unknown[] } }>(
      `{ unknownDeliveries(first: 100) { edges { node { message { id } } } } }`,
    );
    const executed = new Set(twin.journal().map(({ text }) => text));
    const missing = [...replies.values()].filter((text) => !executed.has(text));
    expect(missing.length).toBeLessThanOrEqual(unknownDeliveries.edges.length);
  });
  const stored = await onceQuiet(async () => {
    const everything = await readEverything(lumina.admin);
    const messages = everything.flatMap(({ messages: { edges } }) => edges.map(({ node }) => node));
    expect(messages.filter(({ direction }) => direction === 'INBOUND').length).toBeGreaterThanOrEqual(
      2 * messagesPerShop,
    );
    expect(everything.filter(({ customer }) => customer === null)).toEqual([]);
    // A message with only an order number has no language.
    const worded = messages.filter(
      ({ kind, text, direction }) => direction === 'INBOUND' && kind === 'TEXT' && !/^[A-Z0-9-]+$/.test(text ?? ''),
    );
    expect(worded.filter(({ language }) => language === null)).toEqual([]);
    const settled = messages.filter(({ delivery }) => delivery !== null && delivery.status !== 'QUEUED');
    expect(settled).toHaveLength(replies.size);
    // A reply is unknown until it has been read back, although the platform executed it.
    const executed = new Set(twin.journal().map(({ text }) => text));
    const unsent = [...replies.values()].filter((text) => !executed.has(text));
    expect(settled.filter(({ delivery }) => delivery?.status === 'UNKNOWN')).toHaveLength(unsent.length);
    return everything;
  });

  const found = tally(stored, bursts);
  const timesExecuted = [...replies.values()].map((text) => twin.journal().filter((one) => one.text === text).length);
  const statuses = stored.flatMap(({ messages }) =>
    messages.edges.flatMap(({ node }) => (node.delivery === null ? [] : [node.delivery.status])),
  );
  const duplicates = bursts.reduce((sum, { duplicatesPushed }) => sum + duplicatesPushed, 0);
  const attempts = bursts.reduce((sum, one) => sum + one.attempts, 0);
  process.stdout.write(
    `kill: ${JSON.stringify({ seed, ...found, duplicates, attempts, kills, threads: stored.length, replies: replies.size, executed: timesExecuted.reduce((a, b) => a + b, 0), statuses: Object.fromEntries([...new Set(statuses)].map((status) => [status, statuses.filter((one) => one === status).length])) })}\n`,
  );
  expect(found).toEqual({ acknowledged: 2 * messagesPerShop, lost: 0, doubled: 0, invented: 0, inverted: 0 });
  expect(kills).toBeGreaterThanOrEqual(killsMin);
  expect(replies.size).toBeGreaterThanOrEqual(repliesMin);
  expect(timesExecuted.filter((times) => times > 1)).toEqual([]);
  expect(timesExecuted.filter((times) => times === 0).length).toBe(
    statuses.filter((status) => status === 'UNKNOWN').length,
  );
}, 200_000);
