import type { ChannelAccountId, RoleId, TenantId } from '@crossdesk/contracts';
import { accept, type Decision, type Permission, refuse, refuseText } from '@crossdesk/service-kit/decision';

export const reaches = ['all', 'teams', 'own'] as const;
export type Reach = (typeof reaches)[number];

/** A role that a workspace defines: it limits what people with it see, whatever their built-in role allows. */
export interface CustomRole {
  readonly tenantId: TenantId;
  readonly id: RoleId;
  readonly name: string;
  /** Null: all stores, also those that are connected later. */
  readonly storeIds: readonly ChannelAccountId[] | null;
  readonly reach: Reach;
  /** What people with it may not do, whatever their built-in role allows; sorted. */
  readonly withheld: readonly Permission[];
  readonly version: number;
}

export type RoleContent = Pick<CustomRole, 'name' | 'storeIds' | 'reach' | 'withheld'>;

const nameCharactersMax = 60;
const storesMax = 200;
export const rolesMax = 100;

/**
 * Decodes what a role says: each store and permission once, in one order. Whoever is withheld anything does not manage
 * people either: they could take back the rest.
 */
export function readRole({ name, storeIds, reach, withheld }: RoleContent): Decision<RoleContent, 'INVALID_INPUT'> {
  const refusal = refuseText('name', name, nameCharactersMax);
  if (refusal !== null) return refusal;
  const stores = storeIds === null ? null : [...new Set(storeIds)].toSorted();
  if (stores !== null && stores.length > storesMax)
    return refuse('INVALID_INPUT', 'storeIds', `A role names at most ${storesMax} stores: leave them out for all.`);
  const kept: readonly Permission[] = withheld.length === 0 ? [] : [...withheld, 'manage-people'];
  return accept({ name: name.trim(), storeIds: stores, reach, withheld: [...new Set(kept)].toSorted() });
}

/** The role with other content; the same role if nothing differs. */
export function changeRole(
  role: CustomRole,
  content: RoleContent,
  expectedVersion: number | null,
): Decision<CustomRole, 'VERSION_CONFLICT'> {
  if (role.version !== expectedVersion) {
    const message = `The role is at version ${role.version} now: read it again, then decide again.`;
    return refuse('VERSION_CONFLICT', 'expectedVersion', message);
  }
  const isSame = JSON.stringify({ ...role, ...content }) === JSON.stringify(role);
  return accept(isSame ? role : { ...role, ...content, version: role.version + 1 });
}
