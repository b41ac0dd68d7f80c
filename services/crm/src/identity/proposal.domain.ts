import type { CustomerId } from '@crossdesk/contracts';
import { type Doubt, comparedName, type Pair, pairOf, type ProfileFact, type Resolution } from './resolve.domain.ts';

/** Why two customers may be one, or may not. */
export const proposalReasons = ['same-phone', 'same-email', 'near-email', 'same-name', 'other-name'] as const;
export type ProposalReason = (typeof proposalReasons)[number];

/** Two customers who may be one buyer. */
export interface Proposal {
  readonly pair: Pair;
  /** Log2 of the odds; proposed from 0. */
  readonly score: number;
  readonly reasons: readonly ProposalReason[];
}

/** Log2 odds of the design (crm.md, Identity). Two strangers are one buyer in one of 64 pairs that share anything. */
const prior = -6;
const weights = { 'same-phone': 8, 'same-email': 8, 'near-email': 5, 'other-name': -4 } as const;

/** What to ask people: a proposal for each two customers about whom there is doubt, by the best named pair of profiles. */
export function proposalsFrom(profiles: readonly ProfileFact[], { customers, doubts }: Resolution): Proposal[] {
  const byId = new Map(profiles.map((profile) => [profile.id, profile]));
  const members = Map.groupBy(profiles, ({ id }) => customers.get(id) ?? id);
  const customerOf = (id: CustomerId) => customers.get(id) ?? id;
  const between = Map.groupBy(doubts, ({ pair: [a, b] }) => pairOf(customerOf(a), customerOf(b)).join(' '));
  return [...between.values()].flatMap((found): Proposal[] => {
    const [first] = found;
    if (first === undefined) return [];
    const sides = first.pair.map((id) => (members.get(customerOf(id)) ?? []).map(({ name }) => name));
    const name = comparedNames(sides[0] ?? [], sides[1] ?? []);
    const evidence = new Set(found.map((doubt) => doubt.evidence));
    const reasons = [...evidenceOf(evidence), ...(name === null ? [] : [name.reason])];
    const score = prior + scoreOf(reasons) + (name?.bonus ?? 0);
    const place = ({ pair }: Doubt) =>
      pair
        .map((id) => byId.get(id)?.place ?? id)
        .sort()
        .join(' ');
    const [named] = found.toSorted((a, b) => (place(a) < place(b) ? -1 : 1));
    return score < 0 || named === undefined ? [] : [{ pair: named.pair, score, reasons }];
  });
}

function evidenceOf(found: ReadonlySet<Doubt['evidence']>): ProposalReason[] {
  return [
    ...(found.has('phone') ? (['same-phone'] as const) : []),
    ...(found.has('email') ? (['same-email'] as const) : []),
    // Addresses that are the same are near each other, too: it counts once.
    ...(found.has('email_near') && !found.has('email') ? (['near-email'] as const) : []),
  ];
}

function scoreOf(reasons: readonly ProposalReason[]): number {
  return reasons.reduce((sum, reason) => sum + (reason === 'same-name' ? 0 : weights[reason]), 0);
}

/** A whole name says more than a first name; nothing is known of how rare a name is. */
function comparedNames(ones: readonly (string | null)[], others: readonly (string | null)[]) {
  const folded = (names: readonly (string | null)[]) => names.flatMap((name) => comparedName(name) ?? []);
  const [a, b] = [folded(ones), folded(others)];
  if (a.length === 0 || b.length === 0) return null;
  const shared = a.find((name) => b.includes(name));
  if (shared === undefined) return { reason: 'other-name' as const, bonus: 0 };
  return { reason: 'same-name' as const, bonus: shared.includes(' ') || /\p{Script=Han}{3}/u.test(shared) ? 4 : 2 };
}
