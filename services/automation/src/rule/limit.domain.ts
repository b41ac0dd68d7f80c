import type { RuleId, TenantId } from '@crossdesk/contracts';
import type { Denial } from './evaluate.domain.ts';
import type { LimitScope, Mode, RuleVersion } from './rule.domain.ts';

/** Whom an event is about, as limits count. */
export interface Subject {
  readonly tenantId: TenantId;
  readonly conversationId: string;
  /** The customer, or the conversation of an unknown one. */
  readonly buyerId: string;
  readonly correlationId: string;
}

/** How often a rule acted for a subject since an instant. */
export interface CountWanted {
  readonly tenantId: TenantId;
  readonly ruleId: RuleId;
  readonly mode: Mode;
  readonly scope: LimitScope;
  /** Null: for anybody. */
  readonly subjectId: string | null;
  readonly since: Date;
}

/** What was done before, and is done by the events of a batch as they are evaluated one after the other. */
export interface Ledger {
  /** `tenant rule correlation` of each act. */
  readonly once: Set<string>;
  /** By `countKey`. */
  readonly counts: Map<string, number>;
}

function onceKey(ruleId: RuleId, { tenantId, correlationId }: Subject): string {
  return `${tenantId} ${ruleId} ${correlationId}`;
}

export function countKey({ tenantId, ruleId, mode, scope, subjectId }: Omit<CountWanted, 'since'>): string {
  return `${tenantId} ${ruleId} ${mode} ${scope} ${subjectId ?? ''}`;
}

/** The counts on which it depends whether a rule may act for a subject. */
export function countsWanted(rule: RuleVersion, subject: Subject, now: Date): CountWanted[] {
  const { tenantId } = subject;
  return rule.limits.map(({ scope, hours }) => ({
    tenantId,
    ruleId: rule.id,
    mode: rule.mode,
    scope,
    subjectId: subjectOf(scope, subject),
    since: new Date(now.getTime() - hours * 3_600_000),
  }));
}

function subjectOf(scope: LimitScope, { conversationId, buyerId }: Subject): string | null {
  return { conversation: conversationId, buyer: buyerId, workspace: null }[scope];
}

/** Why a rule may not act for a subject; null if it may. */
export function denialOf(
  rule: RuleVersion,
  subject: Subject,
  { once, counts }: { readonly once: Pick<ReadonlySet<string>, 'has'>; readonly counts: ReadonlyMap<string, number> },
): Denial | null {
  if (once.has(onceKey(rule.id, subject))) return 'once';
  const { tenantId } = subject;
  const reached = rule.limits.find(({ scope, times }) => {
    const key = countKey({ tenantId, ruleId: rule.id, mode: rule.mode, scope, subjectId: subjectOf(scope, subject) });
    return (counts.get(key) ?? 0) >= times;
  });
  return reached === undefined ? null : `${reached.scope}-limit`;
}

/** Enters that a rule acted, for the next events. */
export function noteAct(rule: RuleVersion, subject: Subject, { once, counts }: Ledger): void {
  once.add(onceKey(rule.id, subject));
  for (const wanted of countsWanted(rule, subject, new Date(0))) {
    const key = countKey(wanted);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
}
