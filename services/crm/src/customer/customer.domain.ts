import type { CustomerId, TenantId } from '@crossdesk/contracts';
import { type Identity, identityKey } from './identity.domain.ts';

export interface Profile {
  readonly displayName: string | null;
  readonly locale: string | null;
  readonly avatarUrl: string | null;
  readonly profiledAt: Date;
  readonly firstSeenAt: Date;
}

/** One sighting of a buyer: the identities seen together, and the buyer's profile. */
export interface Sighting {
  readonly tenantId: TenantId;
  readonly identities: readonly Identity[];
  readonly profile: Profile;
}

export interface KnownCustomer extends Profile {
  readonly id: CustomerId;
}

export interface CustomerRecord extends KnownCustomer {
  readonly tenantId: TenantId;
}

/** The writes after which identities seen together belong to one customer. */
export interface CustomerPlan {
  readonly created: readonly CustomerRecord[];
  readonly changed: readonly CustomerRecord[];
  readonly added: readonly { readonly identity: Identity; readonly customerId: CustomerId; readonly seenAt: Date }[];
  readonly merged: readonly { readonly tenantId: TenantId; readonly from: CustomerId; readonly into: CustomerId }[];
}

/**
 * Identities seen together belong to one customer: the oldest any of them belongs to (ids grow with time), or a new
 * one. If they belong to several, those are one person, and the younger ones are merged into the oldest, so that the
 * result does not depend on the order of the messages.
 */
export function planCustomers(
  sightings: readonly Sighting[],
  known: ReadonlyMap<string, KnownCustomer>,
  createId: () => CustomerId,
): CustomerPlan {
  const plan = {
    created: new Array<CustomerRecord>(),
    changed: new Array<CustomerRecord>(),
    added: new Array<CustomerPlan['added'][number]>(),
    merged: new Array<CustomerPlan['merged'][number]>(),
  };
  for (const group of groupTogether(sightings, known)) {
    const [first] = group;
    if (first === undefined) continue;
    const { tenantId } = first;
    const identities = new Map(group.flatMap((one) => one.identities.map((i) => [identityKey(i), i] as const)));
    const customers = new Map([...identities.keys()].flatMap((key) => known.get(key) ?? []).map((c) => [c.id, c]));
    const [oldest, ...younger] = [...customers.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
    const profiles = [...customers.values(), ...group.map((one) => one.profile)];
    const record = { tenantId, id: oldest?.id ?? createId(), ...latestProfile(profiles) };
    if (oldest === undefined) plan.created.push(record);
    else if (isChanged(oldest, record)) plan.changed.push(record);
    for (const { id } of younger) plan.merged.push({ tenantId, from: id, into: record.id });
    for (const [key, identity] of identities) {
      if (!known.has(key)) plan.added.push({ identity, customerId: record.id, seenAt: firstSeen(group, key) });
    }
  }
  return plan;
}

/** The tenants for which a plan writes anything. */
export function tenantsOf({ created, changed, added, merged }: CustomerPlan): Set<TenantId> {
  return new Set([
    ...[...created, ...changed, ...merged].map((one) => one.tenantId),
    ...added.map((one) => one.identity.tenantId),
  ]);
}

/** When an identity was first seen: the customer may have been seen before by another one. */
function firstSeen(group: readonly Sighting[], key: string): Date {
  const seen = group.filter(({ identities }) => identities.some((identity) => identityKey(identity) === key));
  return new Date(Math.min(...seen.map(({ profile }) => profile.firstSeenAt.getTime())));
}

/** Sightings that share an identity, or identities of one known customer, directly or through others. */
function groupTogether(sightings: readonly Sighting[], known: ReadonlyMap<string, KnownCustomer>): Sighting[][] {
  const leaders = new Map<string, string>();
  const leaderOf = (key: string): string => {
    const next = leaders.get(key) ?? key;
    if (next === key) return key;
    const leader = leaderOf(next);
    leaders.set(key, leader);
    return leader;
  };
  const nodesOf = (sighting: Sighting): string[] =>
    sighting.identities.flatMap((identity) => {
      const key = identityKey(identity);
      const customer = known.get(key);
      return customer === undefined ? [key] : [key, `${sighting.tenantId} customer ${customer.id}`];
    });
  for (const sighting of sightings) {
    const [first, ...others] = nodesOf(sighting);
    if (first !== undefined) for (const other of others) leaders.set(leaderOf(other), leaderOf(first));
  }
  const groups = Map.groupBy(sightings, (sighting) => leaderOf(nodesOf(sighting)[0] ?? ''));
  return [...groups.values()];
}

/** The latest value of each field; a sighting without a field leaves it unchanged. */
function latestProfile(profiles: readonly Profile[]): Profile {
  const sorted = profiles.toSorted((a, b) => b.profiledAt.getTime() - a.profiledAt.getTime());
  const told = <Field extends 'displayName' | 'locale' | 'avatarUrl'>(field: Field) =>
    sorted.find((profile) => profile[field] !== null)?.[field] ?? null;
  const times = (field: 'profiledAt' | 'firstSeenAt') => profiles.map((profile) => profile[field].getTime());
  return {
    displayName: told('displayName'),
    locale: told('locale'),
    avatarUrl: told('avatarUrl'),
    profiledAt: new Date(Math.max(...times('profiledAt'))),
    firstSeenAt: new Date(Math.min(...times('firstSeenAt'))),
  };
}

/** A later sighting of the same profile is not a change: writing its time alone would cost a row per message. */
function isChanged(before: Profile, after: Profile): boolean {
  return (
    before.displayName !== after.displayName ||
    before.locale !== after.locale ||
    before.avatarUrl !== after.avatarUrl ||
    before.firstSeenAt.getTime() !== after.firstSeenAt.getTime()
  );
}
