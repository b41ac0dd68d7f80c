import type { Buyer, Shop, ShopRef } from './model.ts';
import type { Seed } from './seed.ts';

/** How a platform makes its ids. Ids derived from the seed are the same in every run with that seed. */
export interface Naming {
  readonly accountIds: AccountIds;
  /** `externalId` is the buyer in messages, `commerceId` the buyer in orders: the same id on most platforms. */
  buyerId(seed: Seed, shop: Shop, buyerKey: string): Pick<Buyer, 'externalId' | 'commerceId'>;
  /** Null if buyers cannot write on this platform: it has orders or parcels only. */
  readonly messages: MessageIds | null;
  /** Null if nothing is sold on this platform. */
  readonly orders: OrderIds | null;
}

/** The ids that the platform gives to a shop, a page or a number of a seller. */
export interface AccountIds {
  readonly pattern: RegExp;
  /** The pattern in words; ends the sentence "it must be ...". */
  readonly form: string;
}

export interface MessageIds {
  /** A shop has one thread with each buyer. */
  threadId(seed: Seed, shop: Shop, buyer: Buyer): string;
  /** The sequence has 19 digits and never repeats, not even after a restart. */
  messageId(sequence: bigint): string;
}

export interface OrderIds {
  /** `orderName` is unique in the shop. */
  orderId(seed: Seed, shop: ShopRef, orderName: string): string;
}
