export type { BurstAttempt, BurstOptions, BurstResult } from './burst.ts';
export type { CallFault, Fault, Faults, PushFault } from './faults.ts';
export type {
  ConnectedShop,
  Content,
  Credentials,
  ExecutedSend,
  Order,
  OrderItem,
  OrderStatus,
  Platform,
  Region,
  ShopRef,
  ThreadView,
} from './model.ts';
export type { EchoMode } from './platform.port.ts';
export type { PushStats } from './pusher.ts';
export { linkIn } from './consent.ts';
export { createTwin } from './twin.ts';
export type { SaidMessage, Twin, TwinOptions } from './twin.port.ts';
