/** How many orders of a group came to a dispute. */
export interface DisputeCount {
  readonly orders: number;
  readonly disputed: number;
}

export interface DisputeShare extends DisputeCount {
  /** From 0 to 1; null if there are too few orders to say. */
  readonly rate: number | null;
  readonly isTooFew: boolean;
}

/** Of fewer orders a share says nothing. A matter of taste. */
const ordersMin = 30;

export function shareOf({ orders, disputed }: DisputeCount): DisputeShare {
  const isTooFew = orders < ordersMin;
  return { orders, disputed, isTooFew, rate: isTooFew ? null : disputed / orders };
}
