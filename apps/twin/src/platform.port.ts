import type { FastifyInstance } from 'fastify';
import type { Caller, Receiver } from './caller.ts';
import type {
  Clock,
  ConnectedShop,
  Credentials,
  ExecutedChange,
  Message,
  Order,
  Platform,
  Product,
  Region,
  Shop,
  Thread,
} from './model.ts';
import type { Pusher, PushDraft } from './pusher.ts';
import type { FaultBoard } from './faults.ts';
import type { MessageIds, Naming, OrderIds } from './naming.port.ts';
import type { Tokens } from './tokens.ts';
import type { World } from './world.ts';
import type { Seed } from './seed.ts';

/**
 * One simulated platform, with everything the twin knows of it. The folder `src/<name>/` exports it as `platform` from
 * `<name>.platform.ts`, and no code outside the folder names the platform. It is written from the documentation of the
 * platform, never from our adapter. A part that the platform does not have is null; a comment there says why.
 */
export interface SimulatedPlatform extends Naming {
  /** The channel word; the folder has the same name. */
  readonly name: Platform;
  /**
   * The path prefixes of its hosts in the twin: the API, and the host for tokens and authorisation pages, which may be the
   * same. Both begin with `/<name>`.
   */
  readonly prefixes: { readonly api: string; readonly auth: string };
  /** Its addresses once the twin listens, if it does not use HTTP. */
  addresses?(context: Context): ConnectedShop['baseUrls'];
  /** The shops that exist from the start, at least one. Names are unique across platforms: the demo finds shops by name. */
  readonly demoShops: readonly DemoShop[];
  /**
   * The values a seller enters to connect the shop, under the platform's names. The same seed must give the same values
   * after a restart, so derive them from `context.seed` and `context.tokens`: from the id of the shop, or from a name of
   * the app where all shops of an app share them.
   */
  credentials(context: Context, shop: Shop): Credentials;
  /** Null if buyers cannot write on this platform: it has orders or parcels only. */
  readonly messages: Messages | null;
  /** Null if nothing is sold on this platform. */
  readonly orders: Orders | null;
  /**
   * Opens the API: call `registerRoutes` once for each prefix. An authorisation page and the exchange of its code are
   * ordinary routes. A platform with another protocol than HTTP starts and stops its server in the hooks of `app`.
   */
  register(app: FastifyInstance, context: Context): void;
  /**
   * The check that the platform makes when a seller enters a webhook address; `pushes()` shows whether the answer was
   * right. Null if the platform accepts any address without a check.
   */
  readonly handshake: ((context: Context, shop: Shop) => PushDraft) | null;
  /** How a product calls the API, for the tests. Null if the API is not HTTP; the folder then has its own tests. */
  readonly caller: Caller | null;
  /** How a product receives the pushes, for the tests. Null if the platform pushes nothing and is only polled. */
  readonly receiver: Receiver | null;
}

export interface DemoShop {
  readonly externalAccountId: string;
  readonly name: string;
  readonly region: Region;
  /** Products from `catalogue.ts`. */
  readonly products: readonly Product[];
  /** The number of orders at the start. */
  readonly orders: number;
}

export interface Messages extends MessageIds {
  /** Null if new messages have to be polled. */
  readonly pushes: MessagePushes | null;
}

/** When the platform pushes the echo of a message sent through its API, as seen by the caller of the API. */
export type EchoMode = 'before-answer' | 'after-answer' | 'off';

export interface MessagePushes {
  /** The push of a new message: a buyer's, one from the platform's console, or the echo of one sent through the API. */
  message(context: Context, thread: Thread, message: Message): PushDraft;
  /** The mode at the start. Null if the platform never echoes messages sent through the API. */
  readonly echoes: EchoMode | null;
  /** The push of a reaction, an edit or a deletion. Null if the platform has none or does not tell sellers. */
  readonly change: ((context: Context, thread: Thread, message: Message, executed: ExecutedChange) => PushDraft) | null;
  /** Null if the platform reports neither delivery nor reading to sellers. */
  readonly receipts: Receipts | null;
}

export interface Receipts {
  readonly areOnAtStart: boolean;
  /** The pushes after a message of the shop has reached the buyer, in order. */
  pushes(context: Context, thread: Thread, message: Message): readonly PushDraft[];
}

export interface Orders extends OrderIds {
  /** The pushes for a new or changed order, in order. Null if orders have to be polled. */
  readonly pushes: ((context: Context, order: Order) => readonly PushDraft[]) | null;
}

/** What a platform can use. */
export interface Context {
  readonly platforms: Platforms;
  readonly seed: Seed;
  readonly clock: Clock;
  readonly world: World;
  readonly faults: FaultBoard;
  readonly pusher: Pusher;
  readonly tokens: Tokens;
  /** The modes that were set; a platform without an entry has its declared mode. */
  readonly echoes: Map<Platform, EchoMode>;
  /** Whether receipts are pushed; a platform without an entry has its declared setting. */
  readonly receipts: Map<Platform, boolean>;
  /** http://127.0.0.1:PORT; known as soon as the twin listens. */
  origin(): string;
}

export type Platforms = Readonly<Record<Platform, SimulatedPlatform>>;
