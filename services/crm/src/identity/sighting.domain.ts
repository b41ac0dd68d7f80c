import type { ChannelAccountId, CustomerId, TenantId } from '@crossdesk/contracts';
import { type Identity, identityKey } from '../customer/identity.domain.ts';

/** What a platform reports of a buyer. */
export interface Face {
  readonly displayName: string | null;
  readonly locale: string | null;
  readonly avatarUrl: string | null;
  readonly profiledAt: Date;
  readonly firstSeenAt: Date;
}

/** One sighting of a buyer: what they were known by, and how the platform shows them. */
export interface Sighting {
  readonly tenantId: TenantId;
  readonly accountId: ChannelAccountId | null;
  readonly channel: string | null;
  readonly identities: readonly Identity[];
  readonly face: Face;
}

export interface ProfileRecord extends Face {
  readonly tenantId: TenantId;
  readonly id: CustomerId;
  readonly accountId: ChannelAccountId | null;
  readonly channel: string | null;
}

/** A claim that is stored. */
export interface KnownClaim {
  readonly profileId: CustomerId;
  readonly firstSeenAt: Date;
  /** ISO 8601 date. */
  readonly lastSeenOn: string;
}

/** What is known of the identities of some sightings. */
export interface Known {
  readonly claims: ReadonlyMap<string, readonly KnownClaim[]>;
  readonly profiles: ReadonlyMap<CustomerId, ProfileRecord>;
}

export interface Claim {
  readonly identity: Identity;
  readonly profileId: CustomerId;
  readonly firstSeenAt: Date;
  readonly lastSeenOn: string;
}

/** What to write after some sightings. */
export interface SightingPlan {
  readonly created: readonly ProfileRecord[];
  readonly changed: readonly ProfileRecord[];
  /** New claims, and those that were seen earlier or later than before. */
  readonly claims: readonly Claim[];
}

/**
 * A buyer id at an account is one profile; a thread without one is a profile of its own until it is joined. Everything
 * seen with it is claimed by it. When a claim was seen matters for numbers and addresses alone.
 */
export function planSightings(sightings: readonly Sighting[], known: Known, createId: () => CustomerId): SightingPlan {
  const plan = { created: new Array<ProfileRecord>(), changed: new Array<ProfileRecord>(), claims: new Array<Claim>() };
  for (const group of Map.groupBy(sightings, namingKey).values()) {
    const [first] = group;
    if (first === undefined) continue;
    const { tenantId, accountId, channel } = first;
    const before = profileOf(namingKey(first), known);
    const faces = group.map(({ face }) => face);
    const place = before ?? { tenantId, id: createId(), accountId, channel };
    const record = { ...place, ...latestFace(before === null ? faces : [before, ...faces]) };
    if (before === null) plan.created.push(record);
    else if (isChanged(before, record)) plan.changed.push(record);
    plan.claims.push(...claimsOf(group, record.id, known));
  }
  return plan;
}

/** The tenants for which a plan writes anything. */
export function tenantsOf({ created, changed, claims }: SightingPlan): Set<TenantId> {
  return new Set([
    ...[...created, ...changed].map(({ tenantId }) => tenantId),
    ...claims.map(({ identity }) => identity.tenantId),
  ]);
}

/** What says which profile a sighting is of: the platform's id, or the thread if none is told. */
function namingKey({ identities }: Sighting): string {
  const naming = identities.find(({ kind }) => kind === 'platform') ?? identities[0];
  return naming === undefined ? '' : identityKey(naming);
}

function profileOf(key: string, known: Known): ProfileRecord | null {
  const [claim] = known.claims.get(key) ?? [];
  return claim === undefined ? null : (known.profiles.get(claim.profileId) ?? null);
}

/** The claims of one profile that are new, or whose time is. */
function claimsOf(group: readonly Sighting[], profileId: CustomerId, known: Known): Claim[] {
  const seen = group.flatMap(({ identities, face }) =>
    identities.map((identity) => ({ identity, key: identityKey(identity), at: face.firstSeenAt })),
  );
  return [...Map.groupBy(seen, ({ key }) => key).entries()].flatMap(([key, times]): Claim[] => {
    const [one] = times;
    if (one === undefined) return [];
    const before = known.claims.get(key)?.find((claim) => claim.profileId === profileId);
    const all = [
      ...times.map(({ at }) => at.getTime()),
      ...(before === undefined ? [] : [before.firstSeenAt.getTime()]),
    ];
    const days = [...times.map(({ at }) => dayOf(at)), ...(before === undefined ? [] : [before.lastSeenOn])];
    const claim = {
      ...{ identity: one.identity, profileId, firstSeenAt: new Date(Math.min(...all)) },
      lastSeenOn: days.reduce((latest, day) => (day > latest ? day : latest)),
    };
    return before === undefined || isOther(before, claim) ? [claim] : [];
  });
}

/** A conversation and a platform's id are theirs for good; of a number it matters from when to when. */
function isOther(before: KnownClaim, { identity: { kind }, firstSeenAt, lastSeenOn }: Claim): boolean {
  if (firstSeenAt.getTime() < before.firstSeenAt.getTime()) return true;
  return (kind === 'phone' || kind === 'email') && lastSeenOn > before.lastSeenOn;
}

function dayOf(at: Date): string {
  return at.toISOString().slice(0, 10);
}

/** The latest value of each field; a sighting without a field leaves it unchanged. */
function latestFace(faces: readonly Face[]): Face {
  const sorted = faces.toSorted((a, b) => b.profiledAt.getTime() - a.profiledAt.getTime());
  const told = <Field extends 'displayName' | 'locale' | 'avatarUrl'>(field: Field) =>
    sorted.find((face) => face[field] !== null)?.[field] ?? null;
  const times = (field: 'profiledAt' | 'firstSeenAt') => faces.map((face) => face[field].getTime());
  return {
    displayName: told('displayName'),
    locale: told('locale'),
    avatarUrl: told('avatarUrl'),
    profiledAt: new Date(Math.max(...times('profiledAt'))),
    firstSeenAt: new Date(Math.min(...times('firstSeenAt'))),
  };
}

/** A later sighting of the same face is not a change: writing its time alone would cost a row per message. */
function isChanged(before: Face, after: Face): boolean {
  return (
    before.displayName !== after.displayName ||
    before.locale !== after.locale ||
    before.avatarUrl !== after.avatarUrl ||
    before.firstSeenAt.getTime() !== after.firstSeenAt.getTime()
  );
}
