import type { BurstOptions, BurstResult } from './burst.ts';
import type { Faults } from './faults.ts';
import type {
  Clock,
  ConnectedShop,
  Content,
  ExecutedSend,
  Order,
  OrderItem,
  OrderStatus,
  Platform,
  Region,
  ShopRef,
  ThreadView,
  Upload,
} from './model.ts';
import type { EchoMode } from './platform.port.ts';
import type { PushStats } from './pusher.ts';
import type { Traffic } from './traffic.ts';

export interface TwinOptions {
  readonly seed: string;
  /** Where others reach it, without a slash at the end, if not at the address it listens on. */
  readonly publicUrl?: string;
  readonly clock?: Clock;
  /** Pauses between the attempts of one webhook; the last one repeats until it is acknowledged. */
  readonly pushRetriesMs?: readonly number[];
}

export interface Twin {
  /** Resolves with the address it listens on; port 0 takes a free one. */
  listen(port: number, host?: string): Promise<string>;
  close(): Promise<void>;
  /** @throws Error when the platform gives no such id to a shop */
  addShop(shop: NewShopRef): ConnectedShop;
  shops(): ConnectedShop[];
  setWebhookUrl(shop: ShopRef, webhookUrl: string | null): void;
  /** Enters with the app of the shop where sellers come back to. */
  setRedirectUrl(shop: ShopRef, redirectUrl: string): void;
  /**
   * Stores the message on the platform and pushes it. The push goes on in the background: `settled` waits for it, and
   * `onPushed` is told of it.
   */
  buyerSays(said: Said): SaidMessage;
  /** Somebody answers in the platform's own console. */
  sellerSaysInConsole(said: Said): SaidMessage;
  /** @throws Error when the platform knows no orders */
  buyerOrders(order: OrderPlaced): Order;
  shipOrder(order: { shop: ShopRef; orderId: string }): Order;
  setOrderStatus(order: { shop: ShopRef; orderId: string; status: OrderStatus }): Order;
  orders(shop: ShopRef): readonly Order[];
  /** Every send that an API executed, as it was executed, in order. */
  journal(): readonly ExecutedSend[];
  threads(shop?: ShopRef): ThreadView[];
  /** An uploaded picture by the path of its address. */
  upload(path: string): Upload | null;
  readonly faults: Faults;
  /** @throws Error when the platform never pushes back what its API was asked to send, unless the mode is "off" */
  setEchoes(platform: Platform, mode: EchoMode): void;
  /** @throws Error when receipts are switched on for a platform that has none */
  setReceipts(platform: Platform, areOn: boolean): void;
  readonly traffic: Traffic;
  burst(options: BurstOptions): Promise<BurstResult>;
  pushes(): PushStats;
  /** Resolves when no webhook waits for its acknowledgement. */
  settled(): Promise<void>;
}

export type NewShopRef = ShopRef & { name?: string; region?: Region; webhookUrl?: string | null };

export interface OrderPlaced {
  readonly shop: ShopRef;
  readonly buyer: string;
  readonly items?: readonly OrderItem[];
  readonly status?: OrderStatus;
}

export interface Said {
  readonly shop: ShopRef;
  readonly buyer: string;
  readonly content: Content;
  readonly at?: Date;
  /** Called once the webhook was acknowledged. */
  readonly onPushed?: () => void;
}

export interface SaidMessage {
  readonly threadId: string;
  readonly messageId: string;
}
