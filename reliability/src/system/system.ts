import { type ConversationService, openConversation } from '@crossdesk/conversation';
import {
  type Broker,
  createLog,
  embeddedLogSchema,
  openEmbeddedBroker,
  serviceUrl,
  systemClock,
} from '@crossdesk/service-kit';
import { type Api, createApi } from '@crossdesk/standalone/support/api.ts';
import { freePort } from '@crossdesk/standalone/support/free-port.ts';
import {
  connectShop,
  type ConnectedAccount,
  seedWorkspace,
  type Workspace,
} from '@crossdesk/standalone/support/workspace.ts';
import { createTwin, type Platform, type Twin } from '@crossdesk/twin';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { insist } from '../load/insist.ts';
import { findFaketime, howToGetClock, openProcessClock, type ProcessClock, stepSecondsMax } from './process-clock.ts';
import { type Proxy, startProxy } from './proxy.ts';
import type { Server } from './server.ts';
import { supervise, type Supervised } from './supervised.ts';

/** Which log carries the events. */
export type LogKind = 'embedded';

export interface SystemOptions {
  readonly server: Server;
  /** Root of the tree whose sources run. */
  readonly tree: string;
  readonly log: LogKind;
  readonly seed: string;
  /** Where the run leaves its history and what the processes log. */
  readonly directory: string;
  readonly crashAt?: readonly string[];
  /** How often the system asks the platforms for what it missed. Default: not within a run. */
  readonly syncEverySeconds?: number;
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
  /** Null when the processes read that of the machine. */
  readonly clock: ProcessClock | null;
  readonly processes: readonly Supervised[];
  readonly databaseUrl: string;
  readonly graphqlUrl: string;
  readonly lumina: Workspace;
  readonly nordic: Workspace;
  readonly tenants: Readonly<Record<'lumina' | 'nordic', string>>;
  readonly shops: readonly Shop[];
  /** The log as a bystander reads and writes it. */
  readonly broker: Broker;
  stop(): Promise<void>;
}

/** How long a platform may take to answer a call; short, so that a run comes by every outcome. */
export const platformTimeoutMs = 1_000;
const master = Buffer.alloc(32, 7);
let databases = 0;

const shopsToConnect = [
  { workspace: 'lumina', platform: 'generic', externalAccountId: 'lumina-web' },
  { workspace: 'lumina', platform: 'shopee', externalAccountId: '700000001' },
  { workspace: 'nordic', platform: 'generic', externalAccountId: 'nordic-web' },
] as const;

export function nameOfShop(platform: string, externalAccountId: string): string {
  return `${platform}/${externalAccountId}`;
}

export async function startSystem(options: SystemOptions): Promise<System> {
  const { server, directory } = options;
  mkdirSync(directory, { recursive: true });
  const database = await newDatabase(server);
  const twin = createTwin({ seed: options.seed, pushRetriesMs: [100] });
  const twinPort = Number(new URL(await twin.listen(0)).port);
  const platformProxy = await startProxy(() => twinPort);
  const clock = options.hasOwnClock === true ? openOwnClock(directory) : null;
  // A token from the future is refused by rule: people sign in by a clock that is as far behind as it will be.
  clock?.set(-stepSecondsMax);
  const [gatewayPort, ingestPort] = [await freePort(), await freePort()];
  const standalone = superviseStandalone(options, database, [gatewayPort, ingestPort], { clock });
  await standalone.ready();
  const graphqlUrl = `http://127.0.0.1:${gatewayPort}/graphql`;
  const api = (token: string | null): Api => createApi(() => graphqlUrl, token);
  const directUrl = server.directUrlOf(database);
  const log = createLog('reliability', 'silent');
  const broker = openEmbeddedBroker({
    databaseUrl: serviceUrl(directUrl, master, embeddedLogSchema.service, 'worker'),
    log,
  });
  // A workspace beyond the first cannot be made through the API: it is seeded as the demo does it, without being started.
  const seeding = await openConversation(
    { databaseUrl: directUrl, master, broker, log, clock: systemClock, outboxKeptMonths: null },
    { issuer: 'reliability', audience: 'reliability', setupCode: '' },
  );
  const [lumina, nordic] = await insist(() => seed(api, seeding));
  await seeding.stop(5_000);
  const workspaces = { lumina, nordic };
  const shops: Shop[] = [];
  for (const { workspace, platform, externalAccountId } of shopsToConnect) {
    const account = await insist(() =>
      connectShop(workspaces[workspace].admin, twin, platform, externalAccountId, platformProxy.port),
    );
    shops.push({ ...account, platform, name: nameOfShop(platform, externalAccountId) });
  }
  clock?.set(0);
  // Only now: people and shops are set up by callers who do not expect a crash.
  standalone.arm(options.crashAt ?? []);
  return {
    twin,
    platformProxy,
    clock,
    processes: [standalone],
    databaseUrl: directUrl,
    graphqlUrl,
    lumina,
    nordic,
    tenants: { lumina: await tenantOf(lumina), nordic: await tenantOf(nordic) },
    shops,
    broker,
    stop: async () => {
      await standalone.stop();
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

async function newDatabase(server: Server): Promise<string> {
  databases += 1;
  const name = `run_${process.pid}_${databases}`;
  await server.createDatabase(name);
  return name;
}

function superviseStandalone(
  options: Pick<SystemOptions, 'server' | 'tree' | 'directory' | 'syncEverySeconds'>,
  database: string,
  [gatewayPort, ingestPort]: readonly [number, number],
  { crashAt = [], clock = null }: { readonly crashAt?: readonly string[]; readonly clock?: ProcessClock | null },
): Supervised {
  return supervise({
    tree: options.tree,
    main: 'apps/standalone/src/main.ts',
    arguments: ['--empty'],
    readyWords: 'Crossdesk is ready',
    crashAt,
    logFile: join(options.directory, 'standalone.log'),
    environment: {
      DATABASE_URL: options.server.urlOf(database),
      CROSSDESK_SECRET: master.toString('base64'),
      GATEWAY_PORT: String(gatewayPort),
      INGEST_PORT: String(ingestPort),
      ALLOW_PRIVATE_ADDRESSES: 'true',
      SYNC_EVERY_SECONDS: String(options.syncEverySeconds ?? 3600),
      PLATFORM_TIMEOUT_SECONDS: String(platformTimeoutMs / 1_000),
      READ_BACK_AFTER_SECONDS: '1',
      LOG_LEVEL: 'warn',
      ...(clock === null ? {} : clock.environment),
    },
  });
}

/** Starts the system on an empty database, armed at a point of its first start. Returns it once it is ready all the same. */
export async function startArmed(
  options: Pick<SystemOptions, 'server' | 'tree' | 'directory'>,
  crashAt: string,
): Promise<Supervised> {
  mkdirSync(options.directory, { recursive: true });
  const ports = [await freePort(), await freePort()] as const;
  const standalone = superviseStandalone(options, await newDatabase(options.server), ports, {
    crashAt: [crashAt],
  });
  await standalone.ready();
  return standalone;
}
