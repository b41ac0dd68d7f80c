import type { Buyer, Shop, ShopRef } from './model.ts';
import type { Seed } from './seed.ts';

/** How a platform names what it has. Ids made from the seed are the same in every run of that seed. */
export interface Naming {
  readonly accountIds: AccountIds;
  /** `externalId` is the buyer in messages, `commerceId` the buyer in orders: one id at most platforms. */
  buyerId(seed: Seed, shop: Shop, buyerKey: string): Pick<Buyer, 'externalId' | 'commerceId'>;
  /** Null if buyers cannot write here: a platform for orders or parcels only. */
  readonly messages: MessageIds | null;
  /** Null if nothing is sold here. */
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
