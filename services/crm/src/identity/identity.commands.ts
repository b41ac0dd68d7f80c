import {
  type AgentId,
  type CustomerId,
  type MergeDecisionId,
  type MergeProposalId,
  newId,
  type TenantId,
} from '@crossdesk/contracts';
import {
  agentOf,
  changed,
  type CommandCall,
  type Outcome,
  refuse,
  refuseText,
  type ServiceRuntime,
  unchanged,
} from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import type { DB } from '../db.ts';
import { takeTurns } from '../link/turns.store.ts';
import { onlyLeads } from '../value/stats/only-leads.ts';
import {
  type BlockedKey,
  claimersOf,
  decisionsAmong,
  deleteBlock,
  insertBlock,
  insertDecision,
  revokeDecision,
} from './decision.store.ts';
import { readProposal, settleProposal } from './proposal.store.ts';
import { readRegion, type Region } from './region.store.ts';
import { regroup } from './regroup.commands.ts';
import {
  claimersMax,
  type Edge,
  type Pair,
  pairOf,
  platformSaysSame,
  resolve,
  tiesBetween,
  type Verdict,
} from './resolve.domain.ts';

type Deps = Pick<ServiceRuntime<DB>, 'outbox' | 'clock'>;
type Code =
  'FORBIDDEN' | 'INVALID_INPUT' | 'NOT_FOUND' | 'ALREADY_DECIDED' | 'KEPT_APART' | 'NOT_JOINED' | 'SAME_AT_PLATFORM';

/** Who was decided about: the profiles, and what ties them still where somebody asked to part them. */
export interface Decided {
  readonly profileIds: readonly CustomerId[];
  readonly stillJoinedBy: readonly Edge[];
}

const reasonCharactersMax = 500;

interface PairWish {
  readonly profileId: CustomerId;
  readonly otherProfileId: CustomerId;
  readonly reason: string;
}

/** Decides that two customers are one. */
export async function mergeCustomers(
  deps: Deps,
  call: CommandCall<DB>,
  wish: PairWish,
): Promise<Outcome<Decided, Code>> {
  const begun = await begin(call, wish);
  if (!begun.ok) return begun;
  const { by, pair } = begun.value;
  const {
    trx,
    actor: { tenantId },
  } = call;
  const facts = await readRegion(trx, tenantId, pair);
  const done: Decided = { profileIds: pair, stillJoinedBy: [] };
  if (areOne(facts.stored, pair)) return unchanged(done);
  const decision = {
    ...said(tenantId, by, { pair, verdict: 'join', reason: wish.reason }),
    decidedAt: deps.clock.now(),
  };
  const { refusedJoins } = resolve({ ...facts, decisions: [...facts.decisions, decision] });
  const between = apartBetween(facts, pair);
  if (refusedJoins.includes(decision.id) && between !== null) return keptApart(between);
  await insertDecision(trx, decision);
  await regroup(deps, trx, { tenantId, seeds: pair }, call.origin);
  return changed(done, pair[0]);
}

/** Takes back what ties two profiles directly. */
export async function undoMerge(deps: Deps, call: CommandCall<DB>, wish: PairWish): Promise<Outcome<Decided, Code>> {
  const begun = await begin(call, wish);
  if (!begun.ok) return begun;
  const { by, pair } = begun.value;
  const {
    trx,
    actor: { tenantId },
  } = call;
  const facts = await readRegion(trx, tenantId, pair);
  if (platformSaysSame(facts, pair)) return sameAtPlatform;
  const ties = resolve(facts).edges.filter((edge) => edge.pair.join(' ') === pair.join(' '));
  if (ties.length === 0) return noEdge;
  const now = deps.clock.now();
  const joined = (await decisionsAmong(trx, tenantId, pair)).filter(({ verdict }) => verdict === 'join').at(-1);
  if (ties.some(({ evidence }) => evidence === 'hand') && joined !== undefined)
    await revokeDecision(trx, joined, { by, at: now });
  else
    await insertDecision(trx, { ...said(tenantId, by, { pair, verdict: 'cut', reason: wish.reason }), decidedAt: now });
  const { edges, customers } = await regroup(deps, trx, { tenantId, seeds: pair }, call.origin);
  const [a, b] = pair;
  const stillJoinedBy = customers.get(a) === customers.get(b) ? tiesBetween(edges, pair) : [];
  return changed({ profileIds: pair, stillJoinedBy }, pair[0]);
}

/** Decides that two profiles are not one buyer. */
export async function keepApart(deps: Deps, call: CommandCall<DB>, wish: PairWish): Promise<Outcome<Decided, Code>> {
  const begun = await begin(call, wish);
  if (!begun.ok) return begun;
  const { by, pair } = begun.value;
  const {
    trx,
    actor: { tenantId },
  } = call;
  const facts = await readRegion(trx, tenantId, pair);
  if (platformSaysSame(facts, pair)) return sameAtPlatform;
  const done: Decided = { profileIds: pair, stillJoinedBy: [] };
  if ((await decisionsAmong(trx, tenantId, pair)).at(-1)?.verdict === 'apart') return unchanged(done);
  await insertDecision(trx, {
    ...said(tenantId, by, { pair, verdict: 'apart', reason: wish.reason }),
    decidedAt: deps.clock.now(),
  });
  await regroup(deps, trx, { tenantId, seeds: pair }, call.origin);
  return changed(done, pair[0]);
}

/** Settles a proposal one way or the other. */
export async function decideProposal(
  deps: Deps,
  call: CommandCall<DB>,
  wish: { readonly proposalId: MergeProposalId; readonly isOne: boolean; readonly reason: string },
): Promise<Outcome<Decided, Code>> {
  const {
    trx,
    actor: { tenantId },
  } = call;
  const by = agentOf(call.actor);
  if (by === null) return onlyPeople;
  await takeTurns(trx, new Map([[tenantId, 'alone']]));
  const proposal = await readProposal(trx, tenantId, wish.proposalId);
  if (proposal === null)
    return refuse('NOT_FOUND', 'proposalId', 'There is no proposal with this id: take one from mergeProposals.');
  if (proposal.state !== 'open')
    return refuse(
      'ALREADY_DECIDED',
      'proposalId',
      'The proposal was decided, or what spoke for it is gone: read mergeProposals again.',
    );
  const pair = { profileId: proposal.profile_a, otherProfileId: proposal.profile_b, reason: wish.reason };
  const decided = wish.isOne ? await mergeCustomers(deps, call, pair) : await keepApart(deps, call, pair);
  if (!decided.ok) return decided;
  await settleProposal(trx, proposal, { state: wish.isOne ? 'accepted' : 'declined', by, at: deps.clock.now() });
  return changed(decided.value, proposal.id);
}

type KeyWish = Pick<BlockedKey, 'kind' | 'value'>;

/** Decides that a number or address proves nothing. */
export async function blockKey(
  deps: Deps,
  call: CommandCall<DB>,
  wish: KeyWish & { readonly reason: string },
): Promise<Outcome<Decided, Code>> {
  const { trx, actor } = call;
  const by = agentOf(actor);
  if (by === null || !('role' in actor) || actor.role === 'agent') return onlyLeads;
  const value = wish.value.trim();
  const refusal = refuseText('value', value, 320) ?? refuseText('reason', wish.reason, reasonCharactersMax);
  if (refusal !== null) return refusal;
  const { tenantId } = actor;
  await takeTurns(trx, new Map([[tenantId, 'alone']]));
  const key = { tenantId, kind: wish.kind, value };
  const isNew = await insertBlock(trx, { ...key, reason: wish.reason, blockedBy: by, blockedAt: deps.clock.now() });
  return settleKey(deps, call, { key, isNew });
}

/** Takes a number or address off the list. */
export async function unblockKey(deps: Deps, call: CommandCall<DB>, wish: KeyWish): Promise<Outcome<Decided, Code>> {
  const { trx, actor } = call;
  if (!('role' in actor) || actor.role === 'agent') return onlyLeads;
  const { tenantId } = actor;
  await takeTurns(trx, new Map([[tenantId, 'alone']]));
  const key = { tenantId, kind: wish.kind, value: wish.value.trim() };
  if (!(await deleteBlock(trx, key))) return refuse('NOT_FOUND', 'value', 'It is not blocked.');
  return settleKey(deps, call, { key, isNew: true });
}

async function settleKey(
  deps: Deps,
  { trx, origin }: CommandCall<DB>,
  { key, isNew }: { readonly key: KeyWish & { readonly tenantId: TenantId }; readonly isNew: boolean },
): Promise<Outcome<Decided, Code>> {
  const profileIds = await claimersOf(trx, key, claimersMax);
  const done = { profileIds, stillJoinedBy: [] };
  if (!isNew) return unchanged(done);
  if (profileIds.length > 0) await regroup(deps, trx, { tenantId: key.tenantId, seeds: profileIds }, origin);
  return changed(done, key.tenantId);
}

/** What the decisions about two profiles have in common: who may, whom it is about, and the turn of the workspace. */
async function begin(
  { trx, actor }: CommandCall<DB>,
  { profileId, otherProfileId, reason }: PairWish,
): Promise<Outcome<{ by: AgentId; pair: Pair }, Code>> {
  const by = agentOf(actor);
  if (by === null) return onlyPeople;
  const refusal = refuseText('reason', reason, reasonCharactersMax);
  if (refusal !== null) return refusal;
  await takeTurns(trx, new Map([[actor.tenantId, 'alone']]));
  const known = await knownProfiles(trx, actor.tenantId, [profileId, otherProfileId]);
  if (!known.has(profileId)) return noProfile('profileId');
  if (!known.has(otherProfileId)) return noProfile('otherProfileId');
  if (profileId === otherProfileId) return refuse('INVALID_INPUT', 'otherProfileId', 'These are the same: name two.');
  return unchanged({ by, pair: pairOf(profileId, otherProfileId) });
}

async function knownProfiles(
  trx: Transaction<DB>,
  tenantId: TenantId,
  ids: readonly CustomerId[],
): Promise<Set<CustomerId>> {
  const rows = await trx
    .selectFrom('profile')
    .select('id')
    .where('tenant_id', '=', tenantId)
    .where('is_erased', '=', false)
    .where('id', 'in', ids)
    .execute();
  return new Set(rows.map(({ id }) => id));
}

function said(
  tenantId: TenantId,
  decidedBy: AgentId,
  what: { readonly pair: Pair; readonly verdict: Verdict; readonly reason: string },
) {
  return { ...{ tenantId, id: newId<MergeDecisionId>(), decidedBy }, ...what };
}

function areOne(customers: ReadonlyMap<CustomerId, CustomerId>, [a, b]: Pair): boolean {
  return customers.get(a) === customers.get(b);
}

/** A decision that keeps members of two customers apart. */
function apartBetween({ decisions, stored }: Region, [a, b]: Pair): Pair | null {
  const sides = new Set([stored.get(a), stored.get(b)]);
  const found = decisions.findLast(
    ({ verdict, pair: [x, y] }) => verdict === 'apart' && sides.has(stored.get(x)) && sides.has(stored.get(y)),
  );
  return found?.pair ?? null;
}

const onlyPeople = refuse('FORBIDDEN', null, 'Only people decide who is who: somebody has to sign in for it.');
const noProfile = (path: 'profileId' | 'otherProfileId') =>
  refuse('NOT_FOUND', path, 'There is no customer or profile with this id in your workspace, or they were erased.');
const noEdge = refuse(
  'NOT_JOINED',
  'otherProfileId',
  'Nothing ties these two directly: take the ends of an edge of mergeEdges.',
);
const sameAtPlatform = refuse(
  'SAME_AT_PLATFORM',
  'otherProfileId',
  'The platform itself says that these are one buyer: one thread, or one buyer id in their orders. This cannot be decided otherwise.',
);
const keptApart = ([a, b]: Pair) =>
  refuse(
    'KEPT_APART',
    'otherProfileId',
    `Somebody decided that the profiles ${a} and ${b} of these two are kept apart: merge those two, if they were wrong.`,
  );
