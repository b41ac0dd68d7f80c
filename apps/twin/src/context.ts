import type { FaultBoard } from './faults.ts';
import type { Clock, Platform, Shop } from './model.ts';
import type { EchoMode, SimulatedPlatform } from './platform.port.ts';
import type { Pusher } from './pusher.ts';
import type { Seed } from './seed.ts';
import type { Tokens } from './tokens.ts';
import type { World } from './world.ts';

export type Platforms = Readonly<Record<Platform, SimulatedPlatform>>;

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

export function platformOf(context: Context, shop: Shop): SimulatedPlatform {
  return context.platforms[shop.platform];
}
