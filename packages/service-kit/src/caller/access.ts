import { createHash } from 'node:crypto';
import type { AgentId, ChannelAccountId } from '@crossdesk/contracts';
import { type Static, type TSchema, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';

const NullableArray = <Item extends TSchema>(item: Item) => Type.Union([Type.Null(), Type.Array(item)]);

const AccessSchema = Type.Object({
  /** The stores (channel accounts) of the role; null: all. */
  stores: NullableArray(Type.Unsafe<ChannelAccountId>(Type.String())),
  /** Which conversations of these stores: all, those of the person's teams, or only their own. */
  reach: Type.Union([Type.Literal('all'), Type.Literal('teams'), Type.Literal('own')]),
  /** The teams that the reach `teams` means. */
  teams: Type.Array(Type.String()),
  /** The permissions that the role withholds; absent: none. */
  withheld: Type.Optional(Type.Array(Type.String())),
});

/** What a custom role limits. A caller without it is limited by nothing but their role. */
export type Access = Static<typeof AccessSchema>;

/** Whether callers with this access see only a part of the workspace. */
export function isLimited({ stores, reach }: Access): boolean {
  return stores !== null || reach !== 'all';
}

/** Whether a caller sees the whole workspace: numbers that tell of all of it are for them alone. */
export function seesAll({ access }: { readonly access?: Access }): boolean {
  return access === undefined || !isLimited(access);
}

/** Of the stores that a filter names, those that the role includes; null: all. */
export function storesWithin(
  access: Access | undefined,
  wanted: readonly ChannelAccountId[] | null,
): readonly ChannelAccountId[] | null {
  const stores = access?.stores ?? null;
  if (stores === null || wanted === null) return stores ?? wanted;
  return wanted.filter((id) => stores.includes(id));
}

/** Reads the access in the answer of the service that owns roles. @throws Error for anything else */
export function decodeAccess(value: unknown): Access {
  if (!Value.Check(AccessSchema, value)) throw new Error('the owner of roles answered with a malformed access');
  return value;
}

/** Equal for callers who see the same: their answers may be shared. */
export function accessFingerprint({
  agentId,
  role,
  access,
}: {
  readonly agentId: AgentId;
  readonly role: string;
  readonly access?: Access;
}): string {
  if (access === undefined) return role;
  const own = access.reach === 'all' ? null : agentId;
  return createHash('sha256')
    .update(JSON.stringify([role, access, own]))
    .digest('base64url');
}
