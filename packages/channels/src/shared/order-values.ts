import { UnparsableDelivery } from '../port/errors.ts';
import type { Listed } from '../port/reading.port.ts';
import type { PlatformOrder } from '@crossdesk/contracts';
import { type Money, moneyFromMajor } from './money.ts';
import { list, number, text } from './platform-json.ts';

/** A part of an order that cannot be read, while the rest is. */
export interface PartProblem {
  /** The place of the part within the order, as keys joined with ".". */
  readonly at: string;
  readonly reason: string;
}

export interface ReadOrder {
  readonly order: PlatformOrder;
  readonly problems: readonly PartProblem[];
}

/** Reads parts of an order: a part that cannot be read is null and noted. */
export interface Parts {
  readonly problems: readonly PartProblem[];
  read<Value>(at: string, read: () => Value): Value | null;
}

export function createParts(): Parts {
  const problems: PartProblem[] = [];
  return {
    problems,
    read(at, read) {
      try {
        return read();
      } catch (cause) {
        if (!(cause instanceof UnparsableDelivery)) throw cause;
        problems.push({ at, reason: cause.message });
        return null;
      }
    },
  };
}

/** Reads a list of orders. An order that can only be read in part is an item and also unreadable. */
export function readOrders(values: unknown, read: (value: unknown) => ReadOrder): Listed<PlatformOrder> {
  const lists = list(values).map((value) => orderOrProblem(value, read));
  return { items: lists.flatMap(({ items }) => items), unreadable: lists.flatMap(({ unreadable }) => unreadable) };
}

function orderOrProblem(value: unknown, read: (value: unknown) => ReadOrder): Listed<PlatformOrder> {
  const raw = JSON.stringify(value);
  try {
    const { order, problems } = read(value);
    const reason = problems.map((problem) => `${problem.at}: ${problem.reason}`).join('; ');
    return { items: [order], unreadable: problems.length === 0 ? [] : [{ reason, raw }] };
  } catch (cause) {
    if (!(cause instanceof UnparsableDelivery)) throw cause;
    return { items: [], unreadable: [{ reason: cause.message, raw }] };
  }
}

/** A text of an order; dashes stand for nothing. */
export function told(value: unknown): string | null {
  const words = text(value);
  return words === null || /^[-–—]*$/.test(words.trim()) ? null : words;
}

/** ISO 3166-1 alpha-2; null for anything else, such as a masked code. */
export function region(value: unknown): string | null {
  const code = told(value)?.trim().toUpperCase() ?? '';
  return /^[A-Z]{2}$/.test(code) ? code : null;
}

/** Null if no amount is given. @throws UnparsableDelivery */
export function amount(value: unknown, currency: string): Money | null {
  if (value === undefined || value === null) return null;
  const decimal = told(value);
  if (decimal !== null) return moneyFromMajor(decimal, currency);
  if (typeof value === 'string') return null;
  throw new UnparsableDelivery('the amount is not a decimal number');
}

/** A double holds this many digits exactly. */
const quantityDigitsMax = 15;

/** A quantity, which may have decimals (0.98 kg); null if none is given. @throws UnparsableDelivery */
export function quantity(value: unknown): number | null {
  if (value === undefined || value === null || value === '') return null;
  const found = number(value);
  const digits = (text(value) ?? '').replace('.', '').replace(/^0+/, '').length;
  if (found === null || found < 0 || digits > quantityDigitsMax)
    throw new UnparsableDelivery('the quantity is not a decimal number of at most 15 digits from zero up');
  return found;
}
