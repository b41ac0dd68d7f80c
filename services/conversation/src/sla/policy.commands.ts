import { newId, type SlaPolicyId } from '@crossdesk/contracts';
import {
  changed,
  type CommandCall,
  type Outcome,
  refuse,
  type ServiceRuntime,
  unchanged,
} from '@crossdesk/service-kit';
import { calendarsByIds } from '../calendar/calendar.store.ts';
import type { Policy, PolicyContent } from '../clock/policy.domain.ts';
import { lookAgain } from '../clock/state.store.ts';
import type { DB } from '../db.ts';
import { changePolicy, createPolicy, placePolicy, refuseDeadline } from './policy-change.domain.ts';
import { deadlinesOf, lockPolicies, saveDeadline, savePolicy } from './policy.store.ts';
import { policyChanged } from './sla.events.ts';

type Deps = Pick<ServiceRuntime<DB>, 'outbox' | 'clock'>;

export interface SavePolicyInput {
  /** Null makes a new one. */
  readonly policyId: SlaPolicyId | null;
  readonly expectedVersion: number;
  /** Its place among the policies, from 1; null: where it is, or behind all others. */
  readonly place: number | null;
  readonly content: PolicyContent;
}

/** Makes a policy, or replaces what one says, or where it stands. The clocks that run are computed anew. */
export async function saveSlaPolicy(
  { outbox, clock }: Deps,
  { trx, actor: { tenantId }, origin }: CommandCall<DB>,
  { policyId, expectedVersion, place, content }: SavePolicyInput,
): Promise<Outcome<Policy, 'INVALID_INPUT' | 'NOT_FOUND' | 'ALREADY_EXISTS' | 'VERSION_CONFLICT'>> {
  const now = clock.now();
  const present = await lockPolicies(trx, tenantId);
  const known = present.find(({ id }) => id === policyId);
  if (policyId !== null && known === undefined) return noPolicy;
  const { calendarId } = content;
  if (calendarId !== null && !(await calendarsByIds(trx, tenantId, [calendarId])).has(calendarId)) return noCalendar;
  const decision =
    known === undefined
      ? createPolicy(present, content, { tenantId, id: newId<SlaPolicyId>(), now })
      : changePolicy(present, known, { content, place, expectedVersion });
  if (!decision.ok) return decision;
  if (present.includes(decision.value)) return unchanged(decision.value);
  const placed = placePolicy(present, decision.value, place);
  if (!placed.ok) return placed;
  const events = [];
  for (const one of placed.value.changed) events.push(policyChanged(await savePolicy(trx, one, now), one, origin));
  await lookAgain(trx, tenantId, now);
  await outbox.append(trx, events);
  return changed(placed.value.policy, placed.value.policy.id);
}

/** Sets the deadline that is followed for a platform; null: none. */
export async function setPlatformDeadline(
  { clock }: Deps,
  { trx, actor: { tenantId } }: CommandCall<DB>,
  { channel, minutes }: { readonly channel: string; readonly minutes: number | null },
): Promise<Outcome<string, 'INVALID_INPUT'>> {
  const refusal = refuseDeadline(minutes);
  if (refusal !== null) return refusal;
  const present = (await deadlinesOf(trx, tenantId)).get(channel);
  if (present === minutes) return unchanged(channel);
  await saveDeadline(trx, tenantId, channel, minutes);
  await lookAgain(trx, tenantId, clock.now());
  return changed(channel, tenantId);
}

const noPolicy = refuse('NOT_FOUND', 'policyId', 'There is no policy with this id: take one from slaPolicies.');
const noCalendar = refuse('NOT_FOUND', 'calendarId', 'There is no calendar with this id: take one from calendars.');
