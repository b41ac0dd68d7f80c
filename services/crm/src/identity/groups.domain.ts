import type { CustomerId } from '@crossdesk/contracts';

/** Profiles in disjoint groups that only grow. */
export interface Groups {
  /** Makes two groups one; false if they are one already, or if one of the profiles is unknown. */
  join(a: CustomerId, b: CustomerId): boolean;
  isOne(a: CustomerId, b: CustomerId): boolean;
  membersOf(id: CustomerId): readonly CustomerId[];
  smallestOf(id: CustomerId): CustomerId;
}

/** Each profile is a group of its own. Groups are small, so each member knows its group. */
export function createGroups(ids: readonly CustomerId[]): Groups {
  const groups = new Map(ids.map((id) => [id, [id]]));
  const membersOf = (id: CustomerId) => groups.get(id) ?? [id];
  return {
    membersOf,
    isOne: (a, b) => a === b || (groups.has(a) && groups.get(a) === groups.get(b)),
    join: (a, b) => {
      const [one, other] = [groups.get(a), groups.get(b)];
      if (one === undefined || other === undefined || one === other) return false;
      const all = [...one, ...other];
      for (const id of all) groups.set(id, all);
      return true;
    },
    smallestOf: (id) => membersOf(id).reduce((least, other) => (other < least ? other : least), id),
  };
}
