/**
 * A set of worlds: in each dimension some of its atoms, as bits; a dimension that is not named is free. Every condition is a
 * union of boxes.
 */
export type Box = ReadonlyMap<string, bigint>;

/** All atoms of a dimension. */
export type Full = (dimension: string) => bigint;

/** Thrown when a question would take too long; its answer is not known then. */
export class TooComplex extends Error {
  override name = 'TooComplex';
}

const boxesMax = 4_096;
const stepsMax = 20_000;

export const everything: Box = new Map();

/** Null when no world is in both. */
function intersect(one: Box, other: Box): Box | null {
  const [small, large] = one.size < other.size ? [one, other] : [other, one];
  if (!meet(small, large)) return null;
  const both = new Map(large);
  for (const [dimension, atoms] of small) both.set(dimension, atoms & (large.get(dimension) ?? atoms));
  return both;
}

function meet(small: Box, large: Box): boolean {
  for (const [dimension, atoms] of small) {
    const own = large.get(dimension);
    if (own !== undefined && (own & atoms) === 0n) return false;
  }
  return true;
}

export function intersectAll(ones: readonly Box[], others: readonly Box[]): Box[] {
  return limited(ones.flatMap((one) => others.flatMap((other) => intersect(one, other) ?? [])));
}

/** The worlds of the boxes that are in none of the others, as boxes. */
export function subtract(boxes: readonly Box[], others: readonly Box[], full: Full): Box[] {
  let rest = [...boxes];
  for (const other of others)
    rest = limited(rest.flatMap((box) => (meet(other, box) ? outside(box, other, full) : [box])));
  return rest;
}

/** What of a box is outside of another one, as boxes that have no world in common. */
function outside(box: Box, other: Box, full: Full): Box[] {
  const pieces: Box[] = [];
  let rest = box;
  for (const [dimension, atoms] of other) {
    const own = rest.get(dimension) ?? full(dimension);
    if ((own & ~atoms) !== 0n) pieces.push(new Map(rest).set(dimension, own & ~atoms));
    rest = new Map(rest).set(dimension, own & atoms);
  }
  return pieces;
}

function limited(boxes: Box[]): Box[] {
  if (boxes.length > boxesMax) throw new TooComplex();
  return boxes;
}

/** A box of worlds that are in one of the boxes and in none of the others; null when there is no such world. */
export function findOutside(boxes: readonly Box[], others: readonly Box[], full: Full): Box | null {
  let steps = 0;
  const search = (box: Box, from: number): Box | null => {
    steps += 1;
    if (steps > stepsMax) throw new TooComplex();
    const n = others.findIndex((other, index) => index >= from && meet(other, box));
    const other = others[n];
    if (other === undefined) return box;
    for (const piece of outside(box, other, full)) {
      const found = search(piece, n + 1);
      if (found !== null) return found;
    }
    return null;
  };
  for (const box of boxes) {
    const found = search(box, 0);
    if (found !== null) return found;
  }
  return null;
}
