import { lumina } from '@crossdesk/demo';
import { setTimeout as pause } from 'node:timers/promises';
import { comeIn, connect, conversations, conversationWith, reply, signInAs } from './desk.ts';
import { containerOf, containers, killHard, logOf, run } from './docker.ts';
import { openShopSystem, type ShopSystem } from './shop-system.ts';
import { until } from './until.ts';

const once = ['secrets', 'migrate', 'topics'];
const deadlineMs = 60_000;

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

/** What an installation without a workspace prints for whoever comes first. */
async function setUp(): Promise<string> {
  const code = await until(deadlineMs, () => {
    const found = /setup code ([0-9a-f]{24})/.exec(logOf('conversation'))?.[1];
    if (found === undefined) throw new Error('no setup code in the log of conversation');
    return found;
  });
  await comeIn(code);
  return 'as every later start will';
}

async function withShop(
  work: (shop: ShopSystem, webhookUrl: string, ask: Awaited<ReturnType<typeof comeIn>>) => Promise<string>,
) {
  const shop = await openShopSystem();
  try {
    const ask = await comeIn('');
    return await work(shop, await connect(ask, shop), ask);
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

/** Webhooks and replies go on while one service after another is killed. */
function kill(): Promise<string> {
  return withShop(async (shop, webhookUrl, ask) => {
    const victims = [...containers()].map(([service]) => service).filter((service) => !once.includes(service));
    let tries = 0;
    const say = async (buyer: string): Promise<void> => {
      for (let n = 0; n < messagesPerBuyer; n += 1) {
        tries += await shop.say(webhookUrl, {
          conversation: buyer,
          message: `${buyer}-${n}`,
          text: `${buyer} says ${n}`,
        });
        await pause(300);
      }
    };
    const answer = async (buyer: string): Promise<void> => {
      const { id } = await until(deadlineMs, () => conversationWith(ask, buyer));
      for (let n = 0; n < messagesPerBuyer / 4; n += 1) {
        await until(deadlineMs, () => reply(ask, id, `answer ${n} to ${buyer}`));
        await pause(1_200);
      }
    };
    const killAll = async (): Promise<void> => {
      for (const victim of victims) {
        await pause(1_500);
        killHard(victim);
        await until(deadlineMs, () => {
          const { RestartCount, State } = containerOf(victim);
          check(RestartCount > 0 && State.Running, `${victim} has not come back`);
        });
      }
    };
    await Promise.all([...buyers.map(say), ...buyers.map(answer), killAll()]);
    await until(deadlineMs, () => {
      const sick = [...containers()].filter(
        ([, { State }]) => State.Health !== undefined && State.Health.Status !== 'healthy',
      );
      check(sick.length === 0, `not healthy: ${sick.map(([service]) => service).join(', ')}`);
    });
    await until(deadlineMs, async () => {
      for (const buyer of buyers) {
        const { messages } = await conversationWith(ask, buyer);
        const incoming = messages.filter(({ status }) => status === null).map(({ text }) => text);
        const expected = Array.from({ length: messagesPerBuyer }, (_, n) => `${buyer} says ${n}`);
        check(incoming.sort().join() === expected.sort().join(), `${incoming.length} messages of ${buyer}`);
        const open = messages.filter(({ status }) => status !== null && status !== 'SENT');
        check(open.length === 0, `replies to ${buyer}: ${open.map(({ status }) => status).join()}`);
      }
    });
    const received = [...shop.replies.values()].sort();
    const meant = buyers.flatMap((buyer) =>
      Array.from({ length: messagesPerBuyer / 4 }, (_, n) => `answer ${n} to ${buyer}`),
    );
    check(received.join() === meant.sort().join(), `${received.length} of ${meant.length} replies`);
    const sent = buyers.length * messagesPerBuyer;
    return `${victims.length} killed; ${sent} messages in ${tries} tries, ${received.length} replies, each once`;
  });
}

async function stillThere(): Promise<string> {
  const ask = await comeIn('');
  const all = await conversations(ask);
  const count = all.reduce((sum, { messages }) => sum + messages.length, 0);
  check(all.length === buyers.length + 1, `${all.length} conversations`);
  return `${all.length} conversations, ${count} messages`;
}

/** The demo seller's agent answers a buyer of the simulated platforms. */
async function demo(): Promise<string> {
  const agent = lumina.people.find(({ role }) => role === 'agent') ?? { email: '', password: '' };
  const ask = await until(deadlineMs, () => signInAs(lumina.slug, agent.email, agent.password));
  const [first] = await until(deadlineMs, async () => {
    const found = await conversations(ask);
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

const jobs: Readonly<Record<string, () => Promise<string>>> = {
  rights,
  'set-up': setUp,
  'main-job': mainJob,
  kill,
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
