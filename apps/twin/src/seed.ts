import { createHmac } from 'node:crypto';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

export interface Random {
  /** A whole number from 0 up to, but not including, `limit`. */
  below(limit: number): number;
  pick<Item>(items: readonly Item[]): Item;
  percent(chance: number): boolean;
}

/** Derives the values that must be the same in every run, by name: the order of calls does not matter. */
export interface Seed {
  readonly value: string;
  hex(length: number, ...names: readonly string[]): string;
  /** Decimal digits that do not start with 0. */
  digits(length: number, ...names: readonly string[]): string;
  random(...names: readonly string[]): Random;
}

export function createSeed(value: string): Seed {
  const mac = (names: readonly string[]) => createHmac('sha256', value).update(JSON.stringify(names));
  const hex = (length: number, ...names: readonly string[]) => {
    let text = '';
    for (let part = 0; text.length < length; part += 1) text += mac([...names, String(part)]).digest('hex');
    return text.slice(0, length);
  };
  return {
    value,
    hex,
    digits: (length, ...names) => {
      const first = (BigInt(`0x${hex(8, 'first', ...names)}`) % 9n) + 1n;
      const rest = BigInt(`0x${hex(40, ...names)}`)
        .toString()
        .padStart(length, '0');
      return `${first}${rest.slice(-(length - 1))}`;
    },
    random: (...names) => createRandom(Number.parseInt(hex(8, 'random', ...names), 16) | 0),
  };
}

function createRandom(start: number): Random {
  const generator = xoroshiro128plus(start);
  const below = (limit: number) => uniformInt(generator, 0, limit - 1);
  return {
    below,
    pick: (items) => {
      const item = items[below(items.length)];
      if (item === undefined) throw new Error('nothing to pick from: give at least one item');
      return item;
    },
    percent: (chance) => below(100) < chance,
  };
}
