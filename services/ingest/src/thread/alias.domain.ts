import type { ThreadAlias } from '@crossdesk/channels/adapters';
import type { ChannelAccountId, ConversationId, TenantId } from '@crossdesk/contracts';

/** The ids by which a message names its thread. */
export interface ToldThread {
  readonly tenantId: TenantId;
  readonly accountId: ChannelAccountId;
  readonly aliases: readonly ThreadAlias[];
  readonly occurredAt: Date;
}

/** The threads that ids name so far. */
export interface KnownAliases {
  readonly owners: ReadonlyMap<string, ConversationId>;
  /** The threads that have an id which is never given to somebody else. */
  readonly anchored: ReadonlySet<ConversationId>;
}

export interface AliasClaim {
  readonly tenantId: TenantId;
  readonly accountId: ChannelAccountId;
  readonly id: string;
  readonly isLent: boolean;
  readonly conversationId: ConversationId;
}

export interface ThreadJoin {
  readonly tenantId: TenantId;
  readonly from: ConversationId;
  readonly into: ConversationId;
}

/** Where messages belong, and what has to be written for it. */
export interface Placement {
  /** One for each message, in their order. */
  readonly conversationIds: readonly ConversationId[];
  /** Ids that are new, or that name another thread from now on. */
  readonly claims: readonly AliasClaim[];
  readonly joins: readonly ThreadJoin[];
}

/** A number that changed hands has messages of its earlier owner; those of the new one begin with the change. */
const takenBeforeMsMax = 86_400_000;

export function aliasKey(accountId: ChannelAccountId, id: string): string {
  return `${accountId} ${id}`;
}

/**
 * Finds the thread of each message by all ids that it tells. If they name several threads, those are one, and the
 * oldest stays. A lent id, such as a phone number, proves nothing against ids of the buyer's own: it then belongs to
 * the thread of the message from now on, because it was given to somebody else.
 */
export function placeThreads(
  told: readonly ToldThread[],
  known: KnownAliases,
  createId: () => ConversationId,
): Placement {
  const owners = new Map(known.owners);
  const anchored = new Set(known.anchored);
  const existing = new Set(known.owners.values());
  const joined = new Map<ConversationId, ThreadJoin>();
  const claims = new Map<string, AliasClaim>();
  const placed = told.map(({ tenantId, accountId, aliases, occurredAt }) => {
    const ownerOf = ({ id }: ThreadAlias) => owners.get(aliasKey(accountId, id));
    const named = threadsNamed(aliases, ownerOf, anchored, occurredAt);
    const [into = createId(), ...younger] = [...named].sort();
    for (const from of younger) {
      joined.set(from, { tenantId, from, into });
      for (const [key, owner] of owners) if (owner === from) owners.set(key, into);
      for (const [key, claim] of claims)
        if (claim.conversationId === from) claims.set(key, { ...claim, conversationId: into });
    }
    for (const { id, standing } of aliases) {
      const key = aliasKey(accountId, id);
      const isLent = standing !== 'own';
      if (owners.get(key) !== into) claims.set(key, { tenantId, accountId, id, isLent, conversationId: into });
      owners.set(key, into);
      if (!isLent) anchored.add(into);
    }
    return into;
  });
  const lastOf = (id: ConversationId): ConversationId => {
    const join = joined.get(id);
    return join === undefined ? id : lastOf(join.into);
  };
  return {
    conversationIds: placed.map(lastOf),
    claims: [...claims.values()].map((claim) => ({ ...claim, conversationId: lastOf(claim.conversationId) })),
    joins: [...joined.values()]
      .filter(({ from }) => existing.has(from))
      .map((one) => ({ ...one, into: lastOf(one.into) })),
  };
}

/** The threads that are proven to be of the buyer of a message. */
function threadsNamed(
  aliases: readonly ThreadAlias[],
  ownerOf: (alias: ThreadAlias) => ConversationId | undefined,
  anchored: ReadonlySet<ConversationId>,
  occurredAt: Date,
): Set<ConversationId> {
  const hasOwn = aliases.some(({ standing }) => standing === 'own');
  const own = new Set(aliases.filter(({ standing }) => standing === 'own' || standing === 'held').map(ownerOf));
  const isProof = (alias: ThreadAlias, owner: ConversationId): boolean => {
    if (own.has(owner)) return true;
    if (alias.standing === 'taken') return startOf(owner) >= occurredAt.getTime() - takenBeforeMsMax;
    return !(hasOwn && anchored.has(owner));
  };
  return new Set(
    aliases.flatMap((alias) => {
      const owner = ownerOf(alias);
      return owner !== undefined && isProof(alias, owner) ? [owner] : [];
    }),
  );
}

/** When a thread began: its id is a UUIDv7. */
function startOf(id: ConversationId): number {
  return Number.parseInt(`${id.slice(0, 8)}${id.slice(9, 13)}`, 16);
}
