import type { SlaPolicyId, TenantId } from '@crossdesk/contracts';
import { accept, type Decision, refuse, type Refused, refuseText } from '@crossdesk/service-kit/decision';
import type { Policy, PolicyContent } from '../clock/policy.domain.ts';

export const nameCharactersMax = 100;
const policiesMax = 100;
const listMax = 200;
/** 90 days. */
const minutesMax = 129_600;

/** A new policy, behind all others. One of the same name that says the same is that policy: the request was repeated. */
export function createPolicy(
  present: readonly Policy[],
  content: PolicyContent,
  { tenantId, id, now }: { readonly tenantId: TenantId; readonly id: SlaPolicyId; readonly now: Date },
): Decision<Policy, 'INVALID_INPUT' | 'ALREADY_EXISTS'> {
  const known = present.find(({ name }) => name === content.name);
  if (known !== undefined) return isSame(known, content) ? accept(known) : nameTaken;
  if (present.length >= policiesMax)
    return refuse('INVALID_INPUT', null, `A workspace has at most ${policiesMax} policies: change one of those.`);
  const position = Math.max(0, ...present.map((one) => one.position)) + 1;
  return refuseContent(content) ?? accept({ ...content, tenantId, id, position, version: 1, createdAt: now });
}

/** The policy after a change; the same one if there is nothing to change. */
export function changePolicy(
  present: readonly Policy[],
  policy: Policy,
  {
    content,
    place,
    expectedVersion,
  }: { readonly content: PolicyContent; readonly place: number | null; readonly expectedVersion: number },
): Decision<Policy, 'INVALID_INPUT' | 'ALREADY_EXISTS' | 'VERSION_CONFLICT'> {
  const isMoved = place !== null && present[place - 1] !== policy;
  if (isSame(policy, content) && !isMoved) return accept(policy);
  if (policy.version !== expectedVersion) {
    const message = `The policy is at version ${policy.version} now: read it again, then decide again.`;
    return refuse('VERSION_CONFLICT', 'expectedVersion', message);
  }
  if (present.some(({ id, name }) => name === content.name && id !== policy.id)) return nameTaken;
  return refuseContent(content) ?? accept({ ...policy, ...content, version: policy.version + 1 });
}

/**
 * Puts a policy that is new or changed at its place, from 1 (null: where it is). Returns it, and all that have to be
 * written: those that move for it get a new version.
 */
export function placePolicy(
  present: readonly Policy[],
  policy: Policy,
  place: number | null,
): Decision<{ readonly policy: Policy; readonly changed: readonly Policy[] }, 'INVALID_INPUT'> {
  if (place === null) return accept({ policy, changed: [policy] });
  const others = present.filter(({ id }) => id !== policy.id);
  const last = others.length + 1;
  if (place < 1 || place > last) return refuse('INVALID_INPUT', 'position', `Take a place from 1 to ${last}.`);
  const placed = { ...policy, position: place };
  const moved = others.toSpliced(place - 1, 0, placed).flatMap((one, index) => {
    const position = index + 1;
    return one === placed || one.position === position ? [] : [{ ...one, position, version: one.version + 1 }];
  });
  return accept({ policy: placed, changed: [placed, ...moved] });
}

function refuseContent(content: PolicyContent): Refused<'INVALID_INPUT'> | null {
  const { name, warnPercent, targets, accountIds, channels, priorities, enquiryTypes } = content;
  const { customerTags, customerTiers } = content;
  const refusal = refuseText('name', name, nameCharactersMax);
  if (refusal !== null) return refusal;
  if (warnPercent < 1 || warnPercent > 99)
    return refuse('INVALID_INPUT', 'warnPercent', 'It warns after a share of 1 to 99 per cent of the time.');
  const lists = [accountIds, channels, priorities, enquiryTypes, customerTags, customerTiers];
  if (lists.some((list) => (list?.length ?? 0) > listMax))
    return refuse('INVALID_INPUT', null, `A condition names at most ${listMax} values.`);
  return refuseTargets(targets);
}

function refuseTargets(targets: PolicyContent['targets']): Refused<'INVALID_INPUT'> | null {
  if (targets.length === 0) return refuse('INVALID_INPUT', 'targets', 'Name at least one target.');
  if (targets.some(({ minutes }) => minutes < 1 || minutes > minutesMax))
    return refuse('INVALID_INPUT', 'targets', `A target is from 1 to ${minutesMax} minutes.`);
  const keys = targets.map(({ metric, priority }) => `${metric} ${priority ?? 'all'}`);
  if (new Set(keys).size === keys.length) return null;
  return refuse('INVALID_INPUT', 'targets', 'Two targets are for the same metric and priority: keep one of them.');
}

function isSame(policy: PolicyContent, content: PolicyContent): boolean {
  return JSON.stringify(contentOf(policy)) === JSON.stringify(contentOf(content));
}

/** What a policy says, with its keys in one order. */
export function contentOf(policy: PolicyContent): PolicyContent {
  const { name, isActive, calendarId, warnPercent, accountIds, channels, priorities, enquiryTypes } = policy;
  const { customerTags, customerTiers } = policy;
  const targets = policy.targets.map(({ metric, priority, minutes }) => ({ metric, priority, minutes }));
  const customers = { customerTags, customerTiers };
  return {
    name,
    isActive,
    calendarId,
    warnPercent,
    accountIds,
    channels,
    priorities,
    enquiryTypes,
    ...customers,
    targets,
  };
}

const nameTaken = refuse('ALREADY_EXISTS', 'name', 'Another policy has this name: take another one, or change that.');

/** Refuses minutes that no deadline has; null when they are valid. */
export function refuseDeadline(minutes: number | null): Refused<'INVALID_INPUT'> | null {
  if (minutes === null || (minutes >= 1 && minutes <= minutesMax)) return null;
  return refuse('INVALID_INPUT', 'minutes', `A deadline is from 1 to ${minutesMax} minutes.`);
}
