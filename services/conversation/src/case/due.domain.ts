import { type Clock, isRunning, type Standard } from '../clock/clock.domain.ts';
import type { Priority } from '../clock/policy.domain.ts';
import { type Due, warnPercentDefault } from './case.domain.ts';

/** Where no policy measures the resolution: hours by wall clock. A policy of the workspace replaces them. */
const hoursDefault: Readonly<Record<Priority, number>> = { urgent: 4, high: 24, normal: 72, low: 120 };

/**
 * When a case is due that began at a time: the rest of the conversation's resolution clock if one runs and is not over
 * (it is handed over), else what the policy gives for a resolution, else hours by priority.
 */
export function dueOf(
  startedAt: Date,
  priority: Priority,
  standards: readonly Standard[],
  handedOver: readonly Clock[],
): Due {
  return rest(startedAt, handedOver) ?? byPolicy(startedAt, standards) ?? byDefault(startedAt, priority);
}

function rest(now: Date, clocks: readonly Clock[]): Due | null {
  const clock = clocks.findLast((one) => one.metric === 'resolution' && isRunning(one));
  if (clock === undefined || clock.dueAt === null || clock.dueAt <= now) return null;
  const { dueAt: at, warnAt, policyId, policyVersion } = clock;
  return { at, warnAt: warnAt ?? at, basis: 'conversation', policyId, policyVersion };
}

function byPolicy(startedAt: Date, standards: readonly Standard[]): Due | null {
  const standard = standards.find(({ origin }) => origin === 'policy');
  const basis = standard?.basisOf('resolution') ?? null;
  if (standard === undefined || basis === null) return null;
  const { budgetMinutes, warnPercent, policyId, policyVersion } = basis;
  const budgetMs = budgetMinutes * 60_000;
  const at = standard.times.after(startedAt, budgetMs);
  const warnAt = standard.times.after(startedAt, (budgetMs * warnPercent) / 100);
  return { at, warnAt, basis: 'policy', policyId, policyVersion };
}

function byDefault(startedAt: Date, priority: Priority): Due {
  const after = (share: number) => new Date(startedAt.getTime() + hoursDefault[priority] * 3_600_000 * share);
  return {
    at: after(1),
    warnAt: after(warnPercentDefault / 100),
    basis: 'default',
    policyId: null,
    policyVersion: null,
  };
}
