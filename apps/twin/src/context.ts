import type { FastifyInstance } from 'fastify';
import type { FaultBoard } from './faults.ts';
import type { Clock, Credentials, Message, Order, Platform, Shop, Thread } from './model.ts';
import type { PushDraft, Pusher } from './pusher.ts';
import type { Seed } from './seed.ts';
import type { Tokens } from './tokens.ts';
import type { Numbering, World } from './world.ts';

/** When the platform pushes back what its API was asked to send, seen from the caller of the API. */
export type EchoMode = 'before-answer' | 'after-answer' | 'off';

export interface Context {
  readonly seed: Seed;
  readonly clock: Clock;
  readonly world: World;
  readonly faults: FaultBoard;
  readonly pusher: Pusher;
  readonly tokens: Tokens;
  readonly echoes: Record<Platform, EchoMode>;
  readonly receipts: Record<Platform, boolean>;
  /** http://127.0.0.1:PORT, known once the twin listens. */
  origin(): string;
}

/** One simulated platform: how it signs, numbers, pushes and answers. */
export interface PlatformTwin extends Numbering {
  readonly platform: Platform;
  /** Path prefixes: of the API, and of the host that refreshes tokens. */
  readonly prefixes: { readonly api: string; readonly auth: string };
  readonly echoesApiSends: boolean;
  credentials(context: Context, shop: Shop): Credentials;
  messagePush(context: Context, thread: Thread, message: Message): PushDraft;
  /** What the platform tells after a buyer received or read an API send; in order. */
  receiptPushes(context: Context, thread: Thread, message: Message): readonly PushDraft[];
  orderPushes(context: Context, order: Order): readonly PushDraft[];
  register(app: FastifyInstance, context: Context): void;
}
