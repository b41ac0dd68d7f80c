import type { Denial } from '../evaluate.domain.ts';
import { countKey, countsWanted, denialOf, type Subject } from '../limit.domain.ts';
import type { ActionType, RuleVersion } from '../rule.domain.ts';

/** What rules have done about one chain of events. */
export interface Chain {
  readonly ruleIds: Set<string>;
  /** The message whose rules decided last, what they decided, and whether one of them stops the later ones. */
  messageId: string | null;
  taken: readonly ActionType[];
  isStopped: boolean;
}

/** After so many later ones a chain of events is forgotten: it is over. */
const chainsKept = 100_000;
const subjectsKept = 200_000;

/** When a rule acted for a subject: as many times as its limit counts. */
interface Acts {
  readonly windowMs: number;
  at: readonly number[];
}

/** What simulated rules have done so far. `hasActed`: what they did before the simulation begins. */
export function createReplayLedger(hasActed: (ruleId: string, correlationId: string) => boolean) {
  let young = new Map<string, Chain>();
  let old = new Map<string, Chain>();
  /** By `countKey`. */
  const acts = new Map<string, Acts>();
  let sweepAt = subjectsKept;

  function chainOf(correlationId: string): Chain | undefined {
    return young.get(correlationId) ?? old.get(correlationId);
  }

  function keepChain(correlationId: string): Chain {
    const chain = chainOf(correlationId) ?? { ruleIds: new Set(), messageId: null, taken: [], isStopped: false };
    if (young.size >= chainsKept) [old, young] = [young, new Map()];
    young.set(correlationId, chain);
    return chain;
  }

  function sweep(now: number): void {
    for (const [key, { at, windowMs }] of acts) if ((at.at(-1) ?? 0) < now - windowMs) acts.delete(key);
    sweepAt = Math.max(subjectsKept, 2 * acts.size);
  }

  /** Counts an act for the limits of the rule. */
  function count(rule: RuleVersion, subject: Subject, at: Date): void {
    countsWanted(rule, subject, at).forEach((wanted, n) => {
      const key = countKey(wanted);
      const windowMs = at.getTime() - wanted.since.getTime();
      acts.set(key, {
        windowMs,
        at: [...(acts.get(key)?.at ?? []), at.getTime()].slice(-(rule.limits[n]?.times ?? 1)),
      });
    });
    if (acts.size > sweepAt) sweep(at.getTime());
  }

  return {
    chainOf,
    count,
    note(rule: RuleVersion, subject: Subject, at: Date): Chain {
      const chain = keepChain(subject.correlationId);
      chain.ruleIds.add(rule.id);
      count(rule, subject, at);
      return chain;
    },
    denialOf(rule: RuleVersion, subject: Subject, now: Date): Denial | null {
      const { correlationId } = subject;
      const isDone = chainOf(correlationId)?.ruleIds.has(rule.id) === true || hasActed(rule.id, correlationId);
      if (!isDone && rule.limits.length === 0) return null;
      const counts = countsWanted(rule, subject, now).map((wanted) => {
        const at = acts.get(countKey(wanted))?.at ?? [];
        return [countKey(wanted), at.filter((one) => one > wanted.since.getTime()).length] as const;
      });
      return denialOf(rule, subject, { once: { has: () => isDone }, counts: new Map(counts) });
    },
  };
}
