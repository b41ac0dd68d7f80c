import type { EventDraft, LockedAggregate, Origin } from '@crossdesk/service-kit';
import type { CustomRole } from './role.domain.ts';

export function roleChanged(
  aggregate: LockedAggregate,
  role: CustomRole,
  isDeleted: boolean,
  origin: Origin,
): EventDraft<'conversation.role-changed'> {
  const { id: roleId, name, storeIds, reach, withheld } = role;
  const stores = storeIds === null ? null : [...storeIds];
  return {
    aggregate,
    type: 'conversation.role-changed',
    origin,
    data: { roleId, name, storeIds: stores, reach, withheld: [...withheld], isDeleted },
  };
}
