import { UnparsableDelivery } from '../port/index.ts';

/** The value of a field without which an element means nothing. @throws UnparsableDelivery */
export function required<Value>(value: Value | null, name: string): Value {
  if (value === null) throw new UnparsableDelivery(`${name} is missing or malformed`);
  return value;
}
