import type { Platform } from './platform-names.generated.ts';

export type { Platform };
export type Clock = () => Date;
export type Credentials = Readonly<Record<string, string>>;

export const regionNames = ['BR', 'CN', 'DE', 'FR', 'GB', 'ID', 'JP', 'MY', 'PH', 'SG', 'TH', 'US', 'VN'] as const;
export type Region = (typeof regionNames)[number];

/** The values on orders and parcels of a region. */
export interface Place {
  readonly currency: string;
  /** Digits of the currency after the decimal point. */
  readonly minorDigits: number;
  readonly city: string;
  readonly zipcode: string;
  readonly dial: string;
  readonly carrier: string;
}

export const regions: Readonly<Record<Region, Place>> = {
  BR: { currency: 'BRL', minorDigits: 2, city: 'São Paulo', zipcode: '01310-100', dial: '55', carrier: 'Correios' },
  CN: { currency: 'CNY', minorDigits: 2, city: 'Hangzhou', zipcode: '310000', dial: '86', carrier: 'SF Express' },
  DE: { currency: 'EUR', minorDigits: 2, city: 'Berlin', zipcode: '10115', dial: '49', carrier: 'DHL' },
  FR: { currency: 'EUR', minorDigits: 2, city: 'Lyon', zipcode: '69001', dial: '33', carrier: 'Colissimo' },
  GB: { currency: 'GBP', minorDigits: 2, city: 'Manchester', zipcode: 'M1 1AE', dial: '44', carrier: 'Royal Mail' },
  ID: { currency: 'IDR', minorDigits: 2, city: 'Jakarta', zipcode: '10110', dial: '62', carrier: 'JNE' },
  JP: { currency: 'JPY', minorDigits: 0, city: 'Osaka', zipcode: '530-0001', dial: '81', carrier: 'Yamato' },
  MY: { currency: 'MYR', minorDigits: 2, city: 'Kuala Lumpur', zipcode: '50450', dial: '60', carrier: 'J&T Express' },
  PH: { currency: 'PHP', minorDigits: 2, city: 'Manila', zipcode: '1000', dial: '63', carrier: 'J&T Express' },
  SG: { currency: 'SGD', minorDigits: 2, city: 'Singapore', zipcode: '238859', dial: '65', carrier: 'J&T Express' },
  TH: { currency: 'THB', minorDigits: 2, city: 'Bangkok', zipcode: '10330', dial: '66', carrier: 'Flash Express' },
  US: { currency: 'USD', minorDigits: 2, city: 'Chicago', zipcode: '60601', dial: '1', carrier: 'UPS' },
  VN: { currency: 'VND', minorDigits: 0, city: 'Hanoi', zipcode: '100000', dial: '84', carrier: 'GHN' },
};

/** How a test, the bench or another process names a shop. */
export interface ShopRef {
  readonly platform: Platform;
  readonly externalAccountId: string;
}

export interface Shop extends ShopRef {
  readonly name: string;
  readonly region: Region;
  webhookUrl: string | null;
  /** The address sellers return to after an authorisation, on platforms where it is entered with the app. */
  redirectUrl: string | null;
}

/** The values a seller would enter to connect the shop, and the address of its API. */
export interface ConnectedShop extends ShopRef {
  readonly name: string;
  readonly region: Region;
  readonly webhookUrl: string | null;
  readonly credentials: Credentials;
  readonly baseUrls: { readonly api: string; readonly auth: string };
}

export interface Buyer {
  /** The name that tests and traffic use; all ids are derived from it. */
  readonly key: string;
  readonly name: string;
  readonly language: string;
  /** The id in the chat. */
  readonly externalId: string;
  /** The id in orders; on most platforms the same. */
  readonly commerceId: string;
  readonly phone: string;
}

export type Content =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'image'; readonly url: string; readonly caption: string | null }
  | { readonly kind: 'sticker'; readonly stickerId: string }
  | { readonly kind: 'order'; readonly externalOrderId: string }
  | { readonly kind: 'product'; readonly externalProductId: string }
  /** Content that only one platform has, under the platform's own name for it. */
  | { readonly kind: 'native'; readonly type: string; readonly value: Readonly<Record<string, unknown>> };

export interface Message {
  readonly id: string;
  /** Grows across all threads of the twin and across restarts. */
  readonly sequence: bigint;
  readonly direction: 'inbound' | 'outbound';
  readonly via: 'buyer' | 'api' | 'console';
  readonly content: Content;
  readonly at: Date;
  /** The reference that the sender wants back with receipts. */
  readonly key: string | null;
}

/** What somebody does to a message after it was sent. Each side changes its own messages, and reacts to any. */
export type Change =
  | { readonly kind: 'reacted'; readonly emoji: string | null }
  | { readonly kind: 'edited'; readonly content: Content }
  | { readonly kind: 'deleted' };

/** A change as the platform has executed it. */
export interface ExecutedChange {
  readonly id: string;
  readonly by: 'buyer' | 'seller';
  readonly change: Change;
  readonly at: Date;
}

export interface Thread {
  readonly id: string;
  readonly shop: Shop;
  readonly buyer: Buyer;
  readonly messages: Message[];
}

/** A thread as seen from outside the twin. */
export interface ThreadView extends ShopRef {
  readonly threadId: string;
  readonly buyer: Buyer;
  readonly messages: readonly Message[];
}

/** A picture that a caller uploaded. */
export interface Upload {
  readonly bytes: Buffer;
  readonly mimeType: string;
  readonly width: number;
  readonly height: number;
}

export interface Product {
  readonly id: string;
  readonly sku: string;
  readonly title: string;
  readonly priceMinor: number;
}

export interface OrderItem {
  readonly product: Product;
  readonly quantity: number;
}

export type OrderStatus = 'unpaid' | 'to_ship' | 'shipped' | 'delivered' | 'completed' | 'cancelled';

export interface Order {
  readonly id: string;
  readonly shop: Shop;
  readonly buyer: Buyer;
  readonly items: readonly OrderItem[];
  readonly createdAt: Date;
  readonly packageNumber: string;
  readonly carrier: string;
  status: OrderStatus;
  updatedAt: Date;
  trackingNumber: string | null;
}

/** One send exactly as it was executed. Tests compare the services with it. */
export interface ExecutedSend extends ShopRef {
  readonly threadId: string;
  readonly messageId: string;
  readonly content: Content;
  readonly text: string | null;
  readonly key: string | null;
  readonly at: string;
}

export function shopKey(ref: ShopRef): string {
  return `${ref.platform}/${ref.externalAccountId}`;
}

export function seconds(at: Date): number {
  return Math.floor(at.getTime() / 1000);
}

/** 1299 minor units are "12.99" in a currency with two decimal digits, and "1299" in a currency with none. */
export function majorText(minor: number, region: Region): string {
  const digits = regions[region].minorDigits;
  if (digits === 0) return String(minor);
  const text = String(minor).padStart(digits + 1, '0');
  return `${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

export function orderTotalMinor(order: Order): number {
  return order.items.reduce((total, item) => total + item.product.priceMinor * item.quantity, 0);
}
