export type { BurstAttempt, BurstOptions, BurstResult } from './burst.ts';
export type { EchoMode } from './context.ts';
export type { CallFault, Fault, Faults, PushFault } from './faults.ts';
export type {
  Content,
  Credentials,
  ExecutedSend,
  Order,
  OrderItem,
  OrderStatus,
  Platform,
  Region,
  ShopRef,
} from './model.ts';
export { platforms } from './model.ts';
export type { PushStats } from './pusher.ts';
export { createTwin } from './twin.ts';
export type { ConnectedShop, SaidMessage, ThreadView, Twin, TwinOptions } from './twin.ts';
