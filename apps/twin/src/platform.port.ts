import type { FastifyInstance } from 'fastify';
import type { Caller, Receiver } from './caller.ts';
import type { Clock, Credentials, Message, Order, Platform, Product, Region, Shop, Thread } from './model.ts';
import type { Pusher, PushDraft } from './pusher.ts';
import type { FaultBoard } from './faults.ts';
import type { MessageIds, Naming, OrderIds } from './naming.port.ts';
import type { Tokens } from './tokens.ts';
import type { World } from './world.ts';
import type { Seed } from './seed.ts';

/**
 * One simulated platform: all that the twin knows of it. The folder `src/<name>/` exports one as `platform` from
 * `<name>.platform.ts`, and nothing outside the folder names it. It is written from the documentation of the platform,
 * never from our adapter. A part is null where the platform has no such thing; a comment there says why.
 */
export interface SimulatedPlatform extends Naming {
  /** The channel word; the folder has the same name. */
  readonly name: Platform;
  /**
   * The paths its hosts have here: of the API, and of the host for tokens and authorisation pages, which may be the same.
   * Both begin with `/<name>`.
   */
  readonly prefixes: { readonly api: string; readonly auth: string };
  /** The shops that exist from the start, at least one. Names are unique over all platforms: the demo finds shops by name. */
  readonly demoShops: readonly DemoShop[];
  /**
   * What a seller enters to connect the shop, by the names the platform has for it. The same seed gives the same values
   * after a restart, so they are made from `context.seed` and `context.tokens`: from the id of the shop, or from a name of
   * the app where all shops of an app share them.
   */
  credentials(context: Context, shop: Shop): Credentials;
  /** Null if buyers cannot write here: a platform for orders or parcels only. */
  readonly messages: Messages | null;
  /** Null if nothing is sold here. */
  readonly orders: Orders | null;
  /**
   * Opens the API: `registerRoutes` once for each prefix. An authorisation page and the exchange of its code are routes
   * like any other. A platform that speaks something else than HTTP starts and ends its server in the hooks of `app`.
   */
  register(app: FastifyInstance, context: Context): void;
  /**
   * The question that the platform asks at a webhook address when a seller enters it; whether the answer was right shows in
   * `pushes()`. Null if any address is taken as it is.
   */
  readonly handshake: ((context: Context, shop: Shop) => PushDraft) | null;
  /** How a product calls the API, for the tests. Null if it does not do so by HTTP; the folder then has tests of its own. */
  readonly caller: Caller | null;
  /** How a product receives the pushes, for the tests. Null if the platform pushes nothing and is only polled. */
  readonly receiver: Receiver | null;
}

export interface DemoShop {
  readonly externalAccountId: string;
  readonly name: string;
  readonly region: Region;
  /** From `catalogue.ts`. */
  readonly products: readonly Product[];
  /** How many orders it has at the start. */
  readonly orders: number;
}

export interface Messages extends MessageIds {
  /** Null if new messages have to be polled. */
  readonly pushes: MessagePushes | null;
}

/** When the platform pushes back what its API was asked to send, seen from the caller of the API. */
export type EchoMode = 'before-answer' | 'after-answer' | 'off';

export interface MessagePushes {
  /** Tells of a new message: a buyer's, one written in the platform's console, or the echo of one sent through the API. */
  message(context: Context, thread: Thread, message: Message): PushDraft;
  /** The mode at the start. Null if what was sent through the API is never pushed back. */
  readonly echoes: EchoMode | null;
  /** Null if sellers are told neither of delivery nor of reading. */
  readonly receipts: Receipts | null;
}

export interface Receipts {
  readonly areOnAtStart: boolean;
  /** What is pushed after a message of the shop reached the buyer, in order. */
  pushes(context: Context, thread: Thread, message: Message): readonly PushDraft[];
}

export interface Orders extends OrderIds {
  /** What is pushed when an order is new or has changed, in order. Null if orders have to be polled. */
  readonly pushes: ((context: Context, order: Order) => readonly PushDraft[]) | null;
}

/** What a platform has at hand. */
export interface Context {
  readonly platforms: Platforms;
  readonly seed: Seed;
  readonly clock: Clock;
  readonly world: World;
  readonly faults: FaultBoard;
  readonly pusher: Pusher;
  readonly tokens: Tokens;
  /** Modes that were set; a platform without an entry is in the mode it declares. */
  readonly echoes: Map<Platform, EchoMode>;
  /** Whether receipts are pushed, where that was set. */
  readonly receipts: Map<Platform, boolean>;
  /** http://127.0.0.1:PORT, known once the twin listens. */
  origin(): string;
}

export type Platforms = Readonly<Record<Platform, SimulatedPlatform>>;
