import type { ConversationService } from '@crossdesk/conversation';
import type { Broker } from '@crossdesk/service-kit';
import { type Api, createApi } from '@crossdesk/standalone/support/api.ts';
import {
  connectShop,
  type ConnectedAccount,
  seedWorkspace,
  type Workspace,
} from '@crossdesk/standalone/support/workspace.ts';
import { createTwin, type Platform, type Twin } from '@crossdesk/twin';
import { mkdirSync } from 'node:fs';
import { insist } from '../load/insist.ts';
import type { Variant } from '../stand-ins/stand-in.ts';
import type { KafkaServer } from './kafka-server.ts';
import { startOnEmbedded, standaloneName } from './on-embedded.ts';
import { startOnKafka } from './on-kafka.ts';
import { findFaketime, howToGetClock, openProcessClock, type ProcessClock, stepSecondsMax } from './process-clock.ts';
import { type Proxy, startProxy } from './proxy.ts';
import { withSeeding } from './seeding.ts';
import type { Server } from './server.ts';
import type { Supervised } from './supervised.ts';

/** Which log carries the events: with the embedded one all services are one process, with Kafka each is its own. */
export type Log = { readonly kind: 'embedded' } | KafkaServer;
export type LogKind = Log['kind'];

export interface SystemOptions {
  readonly server: Server;
  /** What its processes run instead of the product as it is. */
  readonly variant?: Variant;
  readonly log: Log;
  readonly seed: string;
  /** Where the run leaves its history and what the processes log. */
  readonly directory: string;
  readonly crashAt?: readonly string[];
  /** How often the system asks the platforms for what it missed. Default: not within a run. */
  readonly syncEverySeconds?: number;
  /** How many processes there are of each service, where each is a process of its own. Default: one. */
  readonly members?: number;
  /** Whether the processes have a clock of their own, that trouble can set. */
  readonly hasOwnClock?: boolean;
}

export interface Shop extends ConnectedAccount {
  /** As the history names it. */
  readonly name: string;
  readonly platform: Platform;
}

/** Crossdesk as processes of its own, the platforms beside it, and two workspaces with their shops. */
export interface System {
  readonly twin: Twin;
  /** The way from the system to the platforms. */
  readonly platformProxy: Proxy;
  /** What stands before the members of a service, where there are several. */
  readonly doors: readonly Proxy[];
  /** Null when the processes read that of the machine. */
  readonly clock: ProcessClock | null;
  readonly processes: readonly Supervised[];
  /** How many of them there are of each service. */
  readonly members: number;
  /** Null where the log lies in the database. */
  readonly kafka: KafkaServer | null;
  readonly databaseUrl: string;
  readonly graphqlUrl: string;
  readonly lumina: Workspace;
  readonly nordic: Workspace;
  readonly tenants: Readonly<Record<'lumina' | 'nordic', string>>;
  readonly shops: readonly Shop[];
  /** The log as a bystander reads and writes it. */
  readonly broker: Broker;
  /** What a person does who is told that the shop has to be authorised anew. */
  authoriseAnew(shop: Shop): Promise<void>;
  stop(): Promise<void>;
}

const shopsToConnect = [
  { workspace: 'lumina', platform: 'generic', externalAccountId: 'lumina-web' },
  { workspace: 'lumina', platform: 'shopee', externalAccountId: '700000001' },
  { workspace: 'nordic', platform: 'generic', externalAccountId: 'nordic-web' },
] as const;

export function nameOfShop(platform: string, externalAccountId: string): string {
  return `${platform}/${externalAccountId}`;
}

export async function startSystem(options: SystemOptions): Promise<System> {
  const { server, directory, members = 1 } = options;
  mkdirSync(directory, { recursive: true });
  const database = await server.newDatabase();
  const twin = createTwin({ seed: options.seed, pushRetriesMs: [100] });
  const twinPort = Number(new URL(await twin.listen(0)).port);
  const platformProxy = await startProxy(() => twinPort);
  const clock = options.hasOwnClock === true ? openOwnClock(directory) : null;
  // A token from the future is refused by rule: people sign in by a clock that is as far behind as it will be.
  clock?.set(-stepSecondsMax);
  const directUrl = server.directUrlOf(database);
  const { processes, doors, graphqlUrl, broker } =
    options.log.kind === 'kafka'
      ? await startOnKafka({ ...options, clock, kafka: options.log, database, members })
      : await startOnEmbedded({ ...options, clock }, database);
  const api = (token: string | null): Api => createApi(() => graphqlUrl, token);
  const [lumina, nordic] = await withSeeding({ databaseUrl: directUrl, broker }, (seeding) =>
    insist(() => seed(api, seeding)),
  );
  const workspaces = { lumina, nordic };
  const shops: Shop[] = [];
  const connect = ({ workspace, platform, externalAccountId }: (typeof shopsToConnect)[number]) =>
    insist(() => connectShop(workspaces[workspace].admin, twin, platform, externalAccountId, platformProxy.port));
  for (const toConnect of shopsToConnect) {
    const { platform, externalAccountId } = toConnect;
    const account = await connect(toConnect);
    shops.push({ ...account, platform, name: nameOfShop(platform, externalAccountId) });
  }
  clock?.set(0);
  // Only now: people and shops are set up by callers who do not expect a crash.
  const points = Map.groupBy(options.crashAt ?? [], (point) => processAt(point, processes));
  for (const [one, own] of points) one.arm(own);
  return {
    twin,
    platformProxy,
    doors,
    clock,
    processes,
    members,
    kafka: options.log.kind === 'kafka' ? options.log : null,
    databaseUrl: directUrl,
    graphqlUrl,
    lumina,
    nordic,
    tenants: { lumina: await tenantOf(lumina), nordic: await tenantOf(nordic) },
    shops,
    broker,
    authoriseAnew: async ({ name }) => {
      const toConnect = shopsToConnect.find((one) => nameOfShop(one.platform, one.externalAccountId) === name);
      if (toConnect !== undefined) await connect(toConnect);
    },
    stop: async () => {
      await Promise.all(processes.map((one) => one.stop()));
      await Promise.all(doors.map((one) => one.close()));
      await platformProxy.close();
      await twin.close();
      await broker.close();
    },
  };
}

async function seed(api: (token: string | null) => Api, conversation: ConversationService) {
  return [await seedWorkspace(api, conversation, 'lumina'), await seedWorkspace(api, conversation, 'nordic')] as const;
}

/** The tenant is a claim of the access token. */
async function tenantOf({ admin }: Workspace): Promise<string> {
  const [, claims = ''] = (admin.token ?? '').split('.');
  const decoded: unknown = JSON.parse(Buffer.from(claims, 'base64url').toString('utf8'));
  return String(typeof decoded === 'object' && decoded !== null ? Reflect.get(decoded, 'tenant') : '');
}

function openOwnClock(directory: string): ProcessClock {
  const library = findFaketime();
  if (library === null) throw new Error(howToGetClock);
  return openProcessClock(library, directory);
}

/** The process that comes by a crash point: `batch-applied@crm.links:3` is in crm, where crm is a process of its own. */
function processAt(point: string, processes: readonly Supervised[]): Supervised {
  const [, service] = /@([a-z]+)/.exec(point) ?? [];
  const found = processes.find(({ name }) => name === service || name === standaloneName);
  if (found === undefined) throw new Error(`no process comes by ${point}`);
  return found;
}
