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
import { insist } from './insist.ts';
import type { Variant } from '../stand-ins/stand-in.ts';
import type { KafkaServer } from './kafka-server.ts';
import { startOnEmbedded, standaloneName } from './on-embedded.ts';
import { startOnKafka } from './on-kafka.ts';
import { findFaketime, howToGetClock, openProcessClock, type ProcessClock, stepSecondsMax } from './process-clock.ts';
import { type Proxy, startProxy } from './proxy.ts';
import { withSeeding } from './seeding.ts';
import type { Server } from './server.ts';
import type { Supervised } from './supervised.ts';

/** Which log carries the events. On the embedded log all services are one process, on Kafka each is a process. */
export type Log = { readonly kind: 'embedded' } | KafkaServer;
export type LogKind = Log['kind'];

export interface SystemOptions {
  readonly server: Server;
  /** Stand-ins that its processes load; none by default. */
  readonly variant?: Variant;
  readonly log: Log;
  readonly seed: string;
  /** Takes the history of the run and the output of the processes. */
  readonly directory: string;
  readonly crashAt?: readonly string[];
  /** How often the system polls the platforms. Default: not within a run. */
  readonly syncEverySeconds?: number;
  /** How many processes each service has on Kafka. Default: one. */
  readonly members?: number;
  /** Whether the processes have a clock that trouble can set. */
  readonly hasOwnClock?: boolean;
}

export interface Shop extends ConnectedAccount {
  /** Its name in the history. */
  readonly name: string;
  readonly platform: Platform;
}

/** The processes of Crossdesk, simulated platforms, and two workspaces with their shops. */
export interface System {
  readonly twin: Twin;
  /** The proxy between the system and the platforms. */
  readonly platformProxy: Proxy;
  /** The proxies in front of services with several members. */
  readonly doors: readonly Proxy[];
  /** Null when the processes read the clock of the machine. */
  readonly clock: ProcessClock | null;
  readonly processes: readonly Supervised[];
  /** How many processes each service has. */
  readonly members: number;
  /** Null on the embedded log. */
  readonly kafka: KafkaServer | null;
  readonly databaseUrl: string;
  readonly graphqlUrl: string;
  readonly lumina: Workspace;
  readonly nordic: Workspace;
  readonly tenants: Readonly<Record<'lumina' | 'nordic', string>>;
  readonly shops: readonly Shop[];
  /** The log, for the harness to read and write. */
  readonly broker: Broker;
  /** Connects the shop again, as a person does who is told to authorise it. */
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
  // An access token from the future is refused, so people sign in while the clock is as far behind as it will ever be.
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
  // Armed only now, because setting up workspaces and shops does not expect a crash.
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

/** The process that passes a crash point: for `batch-applied@crm.links:3` it is crm, on the embedded log the one process. */
function processAt(point: string, processes: readonly Supervised[]): Supervised {
  const [, service] = /@([a-z]+)/.exec(point) ?? [];
  const found = processes.find(({ name }) => name === service || name === standaloneName);
  if (found === undefined) throw new Error(`no process passes ${point}`);
  return found;
}
