import type { Server } from '../system/server.ts';
import type { System } from '../system/system.ts';

/** Makes one kind of trouble, and resolves when it is over. */
export type Strike = (place: {
  readonly system: System;
  readonly server: Server;
  readonly random: (below: number) => number;
}) => Promise<void>;
