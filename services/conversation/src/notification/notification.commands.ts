import type { NotificationId } from '@crossdesk/contracts';
import {
  agentOf,
  changed,
  type CommandCall,
  type Outcome,
  refuse,
  type ServiceRuntime,
  unchanged,
} from '@crossdesk/service-kit';
import type { DB } from '../db.ts';
import { markRead } from './notification.store.ts';
import { choose, type Preferences, type PreferencesInput } from './preference.domain.ts';
import { personKey, preferencesOf, savePreferences } from './preference.store.ts';

type Deps = Pick<ServiceRuntime<DB>, 'clock'>;

/** Marks notifications of the caller as read, and says how many. It changes nothing that others see: no audit entry. */
export async function markNotificationsRead(
  { clock }: Deps,
  { trx, actor }: CommandCall<DB>,
  ids: readonly NotificationId[] | null,
): Promise<Outcome<number, never>> {
  const agentId = agentOf(actor);
  const reader = agentId === null ? null : { tenantId: actor.tenantId, agentId };
  return unchanged(reader === null ? 0 : await markRead(trx, reader, ids, clock.now()));
}

/** Chooses what the caller is told, and when. */
export async function setNotificationPreferences(
  _: unknown,
  { trx, actor }: CommandCall<DB>,
  { expectedVersion, ...input }: PreferencesInput & { readonly expectedVersion: number },
): Promise<Outcome<Preferences, 'FORBIDDEN' | 'INVALID_INPUT' | 'VERSION_CONFLICT'>> {
  const agentId = agentOf(actor);
  const person = agentId === null ? null : { tenantId: actor.tenantId, agentId };
  const present = person === null ? undefined : (await preferencesOf(trx, [person])).get(personKey(person));
  if (present === undefined) return refuse('FORBIDDEN', null, 'Only people are notified: sign in as one.');
  const decision = choose(present, input);
  if (!decision.ok) return decision;
  const next = { ...decision.value, version: present.version + 1 };
  if (present.version !== expectedVersion || !(await savePreferences(trx, next))) {
    const message = `Your preferences are at version ${present.version} now: read them again, then decide again.`;
    return refuse('VERSION_CONFLICT', 'expectedVersion', message);
  }
  return changed(next, next.agentId);
}
