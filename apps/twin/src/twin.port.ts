import type { BurstOptions, BurstResult } from './burst.ts';
import type { Faults } from './faults.ts';
import type {
  Change,
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
  /** The address for others, without a slash at the end; the address it listens on if left out. */
  readonly publicUrl?: string;
  readonly clock?: Clock;
  /** Pauses between the attempts of one webhook; the last one repeats until it is acknowledged. */
  readonly pushRetriesMs?: readonly number[];
}

export interface Twin {
  /** Resolves with the address it listens on; port 0 takes a free port. */
  listen(port: number, host?: string): Promise<string>;
  close(): Promise<void>;
  /** @throws Error when the id does not have the form of the platform's shop ids */
  addShop(shop: NewShopRef): ConnectedShop;
  shops(): ConnectedShop[];
  setWebhookUrl(shop: ShopRef, webhookUrl: string | null): void;
  /** Sets the return address for sellers in the app of the shop. */
  setRedirectUrl(shop: ShopRef, redirectUrl: string): void;
  /**
   * Stores the message on the platform and pushes it in the background: `settled` waits for the push, and `onPushed` is
   * called after it.
   */
  buyerSays(said: Said): SaidMessage;
  /** A message that the seller writes in the platform's own console. */
  sellerSaysInConsole(said: Said): SaidMessage;
  /**
   * Somebody reacts to a message in the platform's app or console, edits it or deletes it.
   * @throws Error when the platform has no such thing, or no such message
   */
  changeMessage(changed: Changed): void;
  /** Whether the platform has reactions, edits and deletions, and tells sellers of them. */
  pushesChanges(platform: Platform): boolean;
  /** @throws Error when the platform has no orders */
  buyerOrders(order: OrderPlaced): Order;
  shipOrder(order: { shop: ShopRef; orderId: string }): Order;
  setOrderStatus(order: { shop: ShopRef; orderId: string; status: OrderStatus }): Order;
  orders(shop: ShopRef): readonly Order[];
  /** All sends that an API executed, unchanged and in order. */
  journal(): readonly ExecutedSend[];
  threads(shop?: ShopRef): ThreadView[];
  /** An uploaded picture by the path of its address. */
  upload(path: string): Upload | null;
  /** Whether the address of a photo names a time that is over, as addresses of TikTok do. */
  isExpired(url: string): boolean;
  readonly faults: Faults;
  /** @throws Error when the platform never echoes messages sent through its API, unless the mode is "off" */
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

export interface Changed {
  readonly shop: ShopRef;
  readonly buyer: string;
  readonly messageId: string;
  readonly by: 'buyer' | 'seller';
  readonly change: Change;
}

export interface SaidMessage {
  readonly threadId: string;
  readonly messageId: string;
}
