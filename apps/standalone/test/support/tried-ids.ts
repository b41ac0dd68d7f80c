/** What is tried at a place that takes an id, besides an object of the kind that belongs there. */
export interface TriedIds {
  readonly otherKinds: readonly string[];
  readonly malformed: readonly string[];
}

export interface IdsToTry {
  /** The kind of object that each place takes. */
  readonly kindOfPlace: Readonly<Record<string, string>>;
  readonly kinds: readonly string[];
  /** Places that take an object of any kind: each of them gets all. */
  readonly ofAnyKind: ReadonlySet<string>;
  readonly malformed: readonly string[];
}

/**
 * Shares what does not belong at a place out among the places that take the same kind: they read the same tables, so each
 * other kind and each malformed text comes once to every kind of object, and to each place at least one.
 */
export function shareOut({ kindOfPlace, kinds, ofAnyKind, malformed }: IdsToTry): ReadonlyMap<string, TriedIds> {
  const ofOneKind = Object.keys(kindOfPlace).filter((place) => !ofAnyKind.has(place));
  const shared = [...Map.groupBy(ofOneKind, (place) => kindOfPlace[place])].flatMap(([kind, places]) =>
    places.map((place, nth): [string, TriedIds] => {
      const otherKinds = kinds.filter((other) => other !== kind);
      return [
        place,
        { otherKinds: shareOf(otherKinds, nth, places.length), malformed: shareOf(malformed, nth, places.length) },
      ];
    }),
  );
  const whole = [...ofAnyKind].map((place): [string, TriedIds] => [
    place,
    { otherKinds: kinds.filter((other) => other !== kindOfPlace[place]), malformed },
  ]);
  return new Map([...shared, ...whole]);
}

/** The share of one of several places; where there are more places than items, items come again. */
function shareOf(items: readonly string[], nth: number, places: number): string[] {
  if (items.length < places) return items.slice(nth % items.length, (nth % items.length) + 1);
  return items.filter((_, index) => index % places === nth);
}
