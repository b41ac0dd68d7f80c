import { lumina } from '@crossdesk/demo';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { root } from '../repository.ts';
import { comeIn, connect, conversationWith, inbox, reply, type Shown, signInAs } from './desk.ts';
import { type Container, containerOf, containers, killHard, logOf, run } from './docker.ts';
import { openShopSystem, type ShopSystem } from './shop-system.ts';
import { until } from './until.ts';

const once = ['secrets', 'migrate', 'topics'];
/** A busy machine starts a service in half a minute. */
const deadlineMs = 180_000;

function check(isTrue: boolean, what: string): void {
  if (!isTrue) throw new Error(what);
}

async function rights(): Promise<string> {
  const all = [...containers()];
  for (const [service, { Config, HostConfig, State }] of all) {
    check(!HostConfig.Privileged && HostConfig.ReadonlyRootfs, `${service} may write to its file system`);
    check(HostConfig.CapDrop?.includes('ALL') === true, `${service} keeps capabilities`);
    check(HostConfig.SecurityOpt?.includes('no-new-privileges:true') === true, `${service} may gain privileges`);
    check(/^[1-9]\d*:/.test(Config.User), `${service} runs as ${Config.User || 'root'}`);
    const limits = [HostConfig.Memory, HostConfig.NanoCpus, HostConfig.PidsLimit ?? 0];
    check(
      limits.every((limit) => limit > 0),
      `${service} lacks a limit: ${limits.join(', ')}`,
    );
    check(once.includes(service) || State.Running, `${service} does not run`);
  }
  const write = `try { require('node:fs').writeFileSync('/app/x', '') } catch (error) { console.log(error.code) }`;
  const refusal = run('crm', '/usr/local/bin/node', '-e', write);
  check(refusal === 'EROFS', `a service can write to its image: ${refusal}`);
  const statement = `select string_agg(distinct usename, ' ' order by usename) from pg_stat_activity
    join pg_roles on rolname = usename where backend_type = 'client backend' and pid <> pg_backend_pid()
      and (rolsuper or rolcreaterole or rolcreatedb or rolbypassrls)`;
  const powerful = run('postgres', 'psql', '--host=/run/postgresql', '--username=postgres', '-Atc', statement);
  check(powerful === '', `these roles work with more rights than they need: ${powerful}`);
  return `${all.length} containers`;
}

/** The setup code that an installation without a workspace prints. */
async function setUp(): Promise<string> {
  const code = await until(deadlineMs, () => {
    const found = /setup code ([0-9a-f]{24})/.exec(logOf('conversation'))?.[1];
    if (found === undefined) throw new Error('no setup code in the log of conversation');
    return found;
  });
  await until(deadlineMs, () => comeIn(code));
  return 'as every later start will';
}

async function withShop(
  work: (shop: ShopSystem, webhookUrl: string, ask: Awaited<ReturnType<typeof comeIn>>) => Promise<string>,
) {
  const shop = await openShopSystem();
  try {
    // Connecting again only renews the credentials, so it may be repeated: on a busy machine an answer may come too
    // late.
    const ask = await until(deadlineMs, () => comeIn(''));
    return await work(shop, await until(deadlineMs, () => connect(ask, shop)), ask);
  } finally {
    shop.close();
  }
}

function mainJob(): Promise<string> {
  return withShop(async (shop, webhookUrl, ask) => {
    const from = performance.now();
    await shop.say(webhookUrl, { conversation: 'Ana', message: 'M-1', text: 'Where is my order?' });
    const { id, messages } = await until(deadlineMs, () => conversationWith(ask, 'Ana'));
    const seenMs = performance.now() - from;
    check(messages[0]?.text === 'Where is my order?', 'the message is not the one that was sent');
    await reply(ask, id, 'It ships tomorrow.');
    await until(deadlineMs, async () => {
      const sent = (await conversationWith(ask, 'Ana')).messages.find(({ text }) => text === 'It ships tomorrow.');
      check(sent?.status === 'SENT', `the reply is ${sent?.status}`);
    });
    check([...shop.replies.values()].join() === 'It ships tomorrow.', 'the shop has not got the reply');
    return `seen after ${seenMs.toFixed(0)} ms, sent after ${(performance.now() - from).toFixed(0)} ms`;
  });
}

const buyers = ['Bo', 'Cy', 'Di', 'Ed', 'Fay'];
const messagesPerBuyer = 60;
const repliesPerBuyer = 15;

/** Sends webhooks and replies while one service after another is killed and restarts. */
function kill(): Promise<string> {
  return withShop(async (shop, webhookUrl, ask) => {
    const victims = [...containers().keys()].filter((service) => !once.includes(service)).sort();
    let tries = 0;
    const say = async (buyer: string): Promise<void> => {
      for (const text of wordsOf(buyer)) {
        const took = await shop.say(webhookUrl, { conversation: buyer, message: text.replaceAll(' ', '-'), text });
        tries += took;
        await pause(2_000);
      }
    };
    const answer = async (buyer: string): Promise<void> => {
      const { id } = await until(deadlineMs, () => conversationWith(ask, buyer));
      for (const text of answersTo(buyer)) {
        await until(deadlineMs, () => reply(ask, id, text));
        await pause(8_000);
      }
    };
    const killAll = async (): Promise<void> => {
      for (const victim of victims) {
        const before = containerOf(victim).RestartCount;
        killHard(victim);
        await until(deadlineMs, () => {
          const { RestartCount, State } = containerOf(victim);
          check(RestartCount > before && isWell(State), `${victim} has not come back`);
        });
      }
    };
    await Promise.all([...buyers.map(say), ...buyers.map(answer), killAll()]);
    await until(deadlineMs, async () => {
      const sick = [...containers()].filter(([service, { State }]) => !once.includes(service) && !isWell(State));
      check(sick.length === 0, `not healthy: ${sick.map(([service]) => service).join(', ')}`);
      for (const buyer of buyers) checkConversation(buyer, await conversationWith(ask, buyer));
    });
    const received = [...shop.replies.values()];
    const meant = buyers.flatMap(answersTo);
    check(isSame(received, meant), `${received.length} of ${meant.length} replies`);
    const sent = buyers.length * messagesPerBuyer;
    return `${victims.length} killed; ${sent} messages in ${tries} tries, ${received.length} replies, each once`;
  });
}

const wordsOf = (buyer: string) => Array.from({ length: messagesPerBuyer }, (_, n) => `${buyer} says ${n}`);
const answersTo = (buyer: string) => Array.from({ length: repliesPerBuyer }, (_, n) => `answer ${n} to ${buyer}`);
const isSame = (some: readonly string[], others: readonly string[]) =>
  some.toSorted().join() === others.toSorted().join();
const isWell = ({ Running, Health }: Container['State']) =>
  Running && (Health === undefined || Health.Status === 'healthy');

function checkConversation(buyer: string, { messages }: Shown): void {
  const incoming = messages.filter(({ status }) => status === null).map(({ text }) => text);
  check(isSame(incoming, wordsOf(buyer)), `${incoming.length} of ${messagesPerBuyer} messages of ${buyer}`);
  const sent = messages.filter(({ status }) => status === 'SENT').map(({ text }) => text);
  check(isSame(sent, answersTo(buyer)), `${sent.length} of ${repliesPerBuyer} replies to ${buyer} are sent`);
}

async function stillThere(): Promise<string> {
  const ask = await until(deadlineMs, () => comeIn(''));
  const names = [...buyers, 'Ana'];
  const found = await Promise.all(names.map((name) => conversationWith(ask, name)));
  const count = found.reduce((sum, { messages }) => sum + messages.length, 0);
  const expected = buyers.length * (messagesPerBuyer + repliesPerBuyer) + 2;
  check(count === expected, `${count} of ${expected} messages`);
  return `${count} messages in ${found.length} conversations`;
}

/** The demo seller's agent answers a buyer of the simulated platforms. */
async function demo(): Promise<string> {
  const agent = lumina.people.find(({ role }) => role === 'agent') ?? { email: '', password: '' };
  const ask = await until(deadlineMs, () => signInAs(lumina.slug, agent.email, agent.password));
  const [first] = await until(deadlineMs, async () => {
    const found = await inbox(ask);
    check(found.length > 0, 'no buyer has written');
    return found;
  });
  check(first !== undefined, 'no conversation');
  const text = `hello from the container`;
  await reply(ask, first?.id ?? '', text);
  const journal = `fetch('http://127.0.0.1:4002/_twin/journal').then((answer) => answer.text()).then(console.log)`;
  await until(deadlineMs, () =>
    check(run('demo', '/usr/local/bin/node', '-e', journal).includes(text), 'the platform has not got the reply'),
  );
  return `${lumina.slug} answers ${first?.buyerName}`;
}

interface Scraped {
  readonly data: {
    readonly activeTargets: readonly { readonly labels: { readonly instance: string }; readonly health: string }[];
    readonly groups: readonly { readonly rules: readonly { readonly health: string }[] }[];
  };
}

/** Every service answers its scrapes, and every alert can be evaluated. */
async function watched(): Promise<string> {
  const ask = (path: string): Scraped['data'] => {
    const question = `fetch('http://prometheus:9090/api/v1/${path}').then((answer) => answer.text()).then(console.log)`;
    return (JSON.parse(run('crm', '/usr/local/bin/node', '-e', question)) as Scraped).data;
  };
  const expected = readdirSync(join(root, 'services')).sort();
  return until(deadlineMs, () => {
    const up = ask('targets').activeTargets.filter(({ health }) => health === 'up');
    const names = up.map(({ labels }) => labels.instance.replace(/:\d+$/, '')).sort();
    check(names.join() === expected.join(), `only these answer Prometheus: ${names.join(', ')}`);
    const rules = ask('rules').groups.flatMap((group) => group.rules);
    check(rules.length > 0 && rules.every(({ health }) => health === 'ok'), 'not every rule can be evaluated');
    return `${names.length} processes, ${rules.length} rules`;
  });
}

const jobs: Readonly<Record<string, () => Promise<string>>> = {
  rights,
  'set-up': setUp,
  'main-job': mainJob,
  kill,
  watched,
  'still-there': stillThere,
  demo,
};

const job = jobs[process.argv[2] ?? ''];
if (job === undefined) {
  console.error(`one of ${Object.keys(jobs).join(', ')}`);
  process.exit(2);
}
try {
  console.log(await job());
} catch (error) {
  console.log(error instanceof Error ? error.message : 'failed');
  process.exit(1);
}
