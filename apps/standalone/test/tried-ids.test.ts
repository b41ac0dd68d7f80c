import { expect, test } from '@jest/globals';
import { kindOfSlot, kinds } from './support/kinds-of-ids.ts';
import { shareOut } from './support/tried-ids.ts';

const malformed = ['', 'x', '%'];
const ofAnyKind = new Set(['node.id', 'nodes.ids']);
const tried = shareOut({ kindOfPlace: kindOfSlot, kinds, ofAnyKind, malformed });

test('every place gets its share, and places for any kind get everything', () => {
  expect([...tried.keys()].toSorted()).toEqual(Object.keys(kindOfSlot).toSorted());
  for (const [place, share] of tried) {
    expect(share.otherKinds).not.toContain(kindOfSlot[place]);
    expect(share.otherKinds.length).toBeGreaterThan(0);
    expect(share.malformed.length).toBeGreaterThan(0);
  }
  for (const place of ofAnyKind) {
    expect(tried.get(place)).toEqual({ otherKinds: kinds.filter((kind) => kind !== kindOfSlot[place]), malformed });
  }
});

test('the places of a kind together get every other kind and every malformed text', () => {
  for (const kind of new Set(Object.values(kindOfSlot))) {
    const shares = [...tried].filter(([place]) => kindOfSlot[place] === kind && !ofAnyKind.has(place));
    const others = shares.flatMap(([, { otherKinds }]) => otherKinds);
    expect(new Set(others)).toEqual(new Set(kinds.filter((other) => other !== kind)));
    expect(new Set(shares.flatMap(([, share]) => share.malformed))).toEqual(new Set(malformed));
  }
});
