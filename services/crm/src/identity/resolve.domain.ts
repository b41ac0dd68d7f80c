import type { ChannelAccountId, CustomerId, MergeDecisionId } from '@crossdesk/contracts';
import { foldedName } from '@crossdesk/folded-text';
import type { IdentityKind } from '../customer/identity.domain.ts';
import { createGroups, type Groups } from './groups.domain.ts';

/** A buyer id at an account, as far as it matters for who is who. */
export interface ProfileFact {
  readonly id: CustomerId;
  /** What names the profile in every database: its account and platform id. Ids depend on what came first. */
  readonly place: string;
  /** Null for a thread of which nothing but its joining is known. */
  readonly accountId: ChannelAccountId | null;
  readonly channel: string | null;
  readonly name: string | null;
}

/** What a profile is known by. Days are ISO 8601 dates. */
export interface ClaimFact {
  readonly profileId: CustomerId;
  readonly kind: IdentityKind;
  /** The value, with its account if it is valid there only. */
  readonly key: string;
  readonly firstOn: string;
  readonly lastOn: string;
}

export type Verdict = 'join' | 'apart' | 'cut';

/** What somebody decided about two profiles. The latest about a pair counts. */
export interface DecisionFact {
  readonly id: MergeDecisionId;
  readonly pair: Pair;
  readonly verdict: Verdict;
  readonly decidedAt: Date;
}

export type Pair = readonly [CustomerId, CustomerId];

export interface IdentityFacts {
  readonly profiles: readonly ProfileFact[];
  readonly claims: readonly ClaimFact[];
  readonly decisions: readonly DecisionFact[];
  /** Keys of kind phone and email that prove nothing. */
  readonly blockedKeys: ReadonlySet<string>;
}

/** Why two profiles are one customer. */
export interface Edge {
  readonly evidence: 'platform' | 'hand' | 'phone' | 'email';
  readonly pair: Pair;
  /** The key that both claim; null for a decision by hand. */
  readonly key: string | null;
  /** The decision by hand. */
  readonly decisionId: MergeDecisionId | null;
  /** The day from which it holds. */
  readonly since: string;
}

/** Two profiles for which something speaks, but not enough, and why it was not enough. */
export interface Doubt {
  readonly pair: Pair;
  readonly evidence: 'phone' | 'email' | 'email_near';
  readonly why: 'near' | 'declared' | 'shared-in-store' | 'long-ago' | 'same-store' | 'too-many';
}

export interface Resolution {
  /** The customer of each profile: the smallest id of those that are one. */
  readonly customers: ReadonlyMap<CustomerId, CustomerId>;
  /** Just enough edges to hold the customers together, the most certain first. */
  readonly edges: readonly Edge[];
  readonly doubts: readonly Doubt[];
  /** Decisions to join that are not followed, because somebody decided that others among them are kept apart. */
  readonly refusedJoins: readonly MergeDecisionId[];
}

/** A key that more profiles claim is that of an office, a reseller or a placeholder. */
export const claimersMax = 8;
const profilesMax = 20;
const daysBetweenClaimsMax = 45;

/**
 * Marketplaces where a buyer keeps one id at a store. Two ids there are two buyers, also with one phone number: families
 * and forwarders share them.
 */
const stableChannels: ReadonlySet<string> = new Set(
  ['shopee', 'tiktok-shop', 'lazada', 'aliexpress', 'amazon', 'ebay', 'walmart'], // platforms' ids, docs/customers.md
);

/** Channels on which nobody checks what buyers say of themselves. */
const declaringChannels: ReadonlySet<string> = new Set(['email']);

/**
 * Who is one customer, from facts alone: neither their order nor their repetition matters, and without a fact it is as if
 * it had never been. Kruskal's algorithm over edges sorted by certainty, then time, then the names of the profiles.
 */
export function resolve(facts: IdentityFacts): Resolution {
  const places = new Map(facts.profiles.map((profile) => [profile.id, profile]));
  const told = tellingOf(facts, places);
  const groups = createGroups(facts.profiles.map(({ id }) => id));
  const edges = told.platform.filter(({ pair: [a, b] }) => groups.join(a, b));
  const apart = told.decisions.filter(({ verdict }) => verdict === 'apart').map(({ pair }) => pair);
  const isKeptApart = (pair: Pair) => apart.some((other) => wouldUnite(groups, pair, other));
  const refusedJoins = new Array<MergeDecisionId>();
  for (const edge of told.byHand) {
    const [a, b] = edge.pair;
    if (groups.isOne(a, b)) continue;
    if (isKeptApart(edge.pair)) refusedJoins.push(...(edge.decisionId === null ? [] : [edge.decisionId]));
    else if (groups.join(a, b)) edges.push(edge);
  }
  const { candidates, doubts } = sharedKeys(facts, { places, groups: platformGroups(told.platform, facts) });
  const isUndecided = undecided(told.decisions);
  for (const edge of candidates.filter(({ pair }) => isUndecided(pair)).sort(byCertainty(places))) {
    const [a, b] = edge.pair;
    if (groups.isOne(a, b) || isKeptApart(edge.pair)) continue;
    const why = refusalOf(groups.membersOf(a), groups.membersOf(b), places);
    if (why !== null) doubts.push({ pair: edge.pair, evidence: edge.evidence === 'email' ? 'email' : 'phone', why });
    else if (groups.join(a, b)) edges.push(edge);
  }
  return {
    customers: new Map(facts.profiles.map(({ id }) => [id, groups.smallestOf(id)])),
    edges,
    doubts: doubts.filter(({ pair }) => isUndecided(pair) && !groups.isOne(...pair) && !isKeptApart(pair)),
    refusedJoins,
  };
}

/** Whether the platforms themselves say that two profiles are one buyer; people cannot decide otherwise. */
export function platformSaysSame(facts: IdentityFacts, [a, b]: Pair): boolean {
  const places = new Map(facts.profiles.map((profile) => [profile.id, profile]));
  return platformGroups(tellingOf(facts, places).platform, facts).isOne(a, b);
}

/** The way from one profile to another along edges; empty if there is none. Edges hold customers together without rings. */
export function tiesBetween(edges: readonly Edge[], [from, to]: Pair): Edge[] {
  const ways = new Map<CustomerId, readonly Edge[]>([[from, []]]);
  let ends: readonly CustomerId[] = [from];
  while (ends.length > 0 && !ways.has(to)) {
    ends = ends.flatMap((end) =>
      edges.flatMap((edge) => {
        const [a, b] = edge.pair;
        const next = a === end ? b : b === end ? a : null;
        if (next === null || ways.has(next)) return [];
        ways.set(next, [...(ways.get(end) ?? []), edge]);
        return [next];
      }),
    );
  }
  return [...(ways.get(to) ?? [])];
}

type Places = ReadonlyMap<CustomerId, ProfileFact>;

/** The edges that need no judgement: what platforms say, and what people decided. */
function tellingOf({ claims, decisions }: IdentityFacts, places: Places) {
  const latest = latestOfPairs(decisions).filter(({ pair: [a, b] }) => places.has(a) && places.has(b));
  const platform = claimersByKey(claims, isOfPlatform).flatMap(([key, claimers]): Edge[] => {
    const [first, ...others] = claimers.toSorted((a, b) => compare(placeOf(a, places), placeOf(b, places)));
    return others.flatMap((other) =>
      first === undefined
        ? []
        : [
            {
              ...{ evidence: 'platform', key, decisionId: null },
              pair: pairOf(first.profileId, other.profileId),
              since: later(first, other),
            },
          ],
    );
  });
  const byHand = latest
    .filter(({ verdict }) => verdict === 'join')
    .map(({ id, pair, decidedAt }): Edge => ({
      ...{ evidence: 'hand', key: null, decisionId: id, pair },
      since: decidedAt.toISOString().slice(0, 10),
    }));
  return { decisions: latest, platform: platform.sort(byCertainty(places)), byHand };
}

/** The order of their times, so that an old decision gives way to an older one that contradicts it. */
function latestOfPairs(decisions: readonly DecisionFact[]): DecisionFact[] {
  const sorted = decisions.toSorted((a, b) => a.decidedAt.getTime() - b.decidedAt.getTime() || compare(a.id, b.id));
  return [...new Map(sorted.map((one) => [one.pair.join(' '), one])).values()].sort(
    (a, b) => a.decidedAt.getTime() - b.decidedAt.getTime() || compare(a.id, b.id),
  );
}

function undecided(decisions: readonly DecisionFact[]): (pair: Pair) => boolean {
  const decided = new Set(decisions.map(({ pair }) => pair.join(' ')));
  return (pair) => !decided.has(pair.join(' '));
}

function isOfPlatform({ kind }: ClaimFact): boolean {
  return kind === 'conversation' || kind === 'platform_commerce';
}

/** The profiles that the platforms themselves say are one. */
function platformGroups(edges: readonly Edge[], { profiles }: IdentityFacts): Groups {
  const groups = createGroups(profiles.map(({ id }) => id));
  for (const { pair } of edges) groups.join(...pair);
  return groups;
}

/** What shared phone numbers and addresses prove, and what they only suggest. */
function sharedKeys(
  { claims, blockedKeys }: IdentityFacts,
  { places, groups }: { readonly places: Places; readonly groups: Groups },
): { candidates: Edge[]; doubts: Doubt[] } {
  const candidates = new Array<Edge>();
  const doubts = new Array<Doubt>();
  for (const evidence of ['phone', 'email', 'email_near'] as const) {
    for (const [key, claimers] of claimersByKey(claims, ({ kind }) => kind === evidence)) {
      if (claimers.length > claimersMax || blockedKeys.has(key)) continue;
      const isShared = sharesStore(claimers, places, groups);
      for (const [one, other] of pairsOf(claimers)) {
        const pair = pairOf(one.profileId, other.profileId);
        if (groups.isOne(...pair)) continue;
        if (evidence === 'email_near') doubts.push({ pair, evidence, why: 'near' });
        else if (isDeclared(pair, places)) doubts.push({ pair, evidence, why: 'declared' });
        else if (isShared) doubts.push({ pair, evidence, why: 'shared-in-store' });
        else if (evidence === 'phone' && !areClose(one, other) && !haveSameName(pair, places))
          doubts.push({ pair, evidence, why: 'long-ago' });
        else candidates.push({ evidence, pair, key, decisionId: null, since: later(one, other) });
      }
    }
  }
  return { candidates, doubts };
}

/** Whether two different buyers of one marketplace store claim a key. */
function sharesStore(claimers: readonly ClaimFact[], places: Places, groups: Groups): boolean {
  const seen = new Map<string, CustomerId>();
  return claimers.some(({ profileId }) =>
    groups.membersOf(profileId).some((member) => {
      const store = stableStore(places.get(member));
      if (store === null) return false;
      const other = seen.get(store);
      seen.set(store, other ?? member);
      return other !== undefined && !groups.isOne(other, member);
    }),
  );
}

function stableStore(profile: ProfileFact | undefined): string | null {
  if (profile === undefined || profile.accountId === null || profile.channel === null) return null;
  return stableChannels.has(profile.channel) ? profile.accountId : null;
}

/** Why two customers do not become one by what they share, if so. */
function refusalOf(ones: readonly CustomerId[], others: readonly CustomerId[], places: Places): Doubt['why'] | null {
  const stores = new Set(ones.flatMap((id) => stableStore(places.get(id)) ?? []));
  const isSameStore = others.some((id) => stores.has(stableStore(places.get(id)) ?? ''));
  if (isSameStore) return 'same-store';
  return ones.length + others.length > profilesMax ? 'too-many' : null;
}

/** Whether joining a pair would also join another. */
function wouldUnite(groups: Groups, [a, b]: Pair, [x, y]: Pair): boolean {
  return (groups.isOne(a, x) && groups.isOne(b, y)) || (groups.isOne(a, y) && groups.isOne(b, x));
}

/**
 * Whether one of the two only says that the key is theirs: anybody can write any address into a mail, and would see their
 * mail beside the orders of somebody else. Between mails that is known of both.
 */
function isDeclared([a, b]: Pair, places: Places): boolean {
  return declaringChannels.has(places.get(a)?.channel ?? '') !== declaringChannels.has(places.get(b)?.channel ?? '');
}

/** Numbers are given to other people after a while: two claims must be near in time. */
function areClose(one: ClaimFact, other: ClaimFact): boolean {
  const gap = Math.max(
    Date.parse(one.firstOn) - Date.parse(other.lastOn),
    Date.parse(other.firstOn) - Date.parse(one.lastOn),
  );
  return gap <= daysBetweenClaimsMax * 24 * 60 * 60 * 1_000;
}

function haveSameName([a, b]: Pair, places: Places): boolean {
  const name = comparedName(places.get(a)?.name ?? null);
  return name !== null && name === comparedName(places.get(b)?.name ?? null);
}

/** A name as it is compared; null for one that is empty or not known. */
export function comparedName(name: string | null): string | null {
  const folded = foldedName(name ?? '');
  return folded === '' ? null : folded;
}

function claimersByKey(claims: readonly ClaimFact[], isWanted: (claim: ClaimFact) => boolean): [string, ClaimFact[]][] {
  const byKey = Map.groupBy(claims.filter(isWanted), ({ kind, key }) => `${kind} ${key}`);
  return [...byKey.values()].flatMap((found): [string, ClaimFact[]][] => {
    const [first] = found;
    return first === undefined || found.length < 2 ? [] : [[first.key, found]];
  });
}

function pairsOf(claimers: readonly ClaimFact[]): [ClaimFact, ClaimFact][] {
  return claimers.flatMap((one, place) =>
    claimers.slice(place + 1).map((other): [ClaimFact, ClaimFact] => [one, other]),
  );
}

/** A pair is written with the smaller id first. */
export function pairOf(one: CustomerId, other: CustomerId): Pair {
  return one < other ? [one, other] : [other, one];
}

function later(one: ClaimFact, other: ClaimFact): string {
  return one.firstOn > other.firstOn ? one.firstOn : other.firstOn;
}

function placeOf({ profileId }: ClaimFact, places: Places): string {
  return places.get(profileId)?.place ?? profileId;
}

/** By time, then by the names of the profiles, which are the same in every database; ids are not. */
function byCertainty(places: Places): (one: Edge, other: Edge) => number {
  const nameOf = ({ pair, evidence, key }: Edge) =>
    [...pair.map((id) => places.get(id)?.place ?? id).sort(), evidence, key ?? ''].join(' ');
  return (one, other) => compare(one.since, other.since) || compare(nameOf(one), nameOf(other));
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
