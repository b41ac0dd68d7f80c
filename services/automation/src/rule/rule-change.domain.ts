import type { RuleId, TenantId } from '@crossdesk/contracts';
import { accept, type Decision, refuse } from '@crossdesk/service-kit/decision';
import type { Mode, Rule, RuleContent } from './rule.domain.ts';

const rulesMax = 500;

interface Creation {
  readonly tenantId: TenantId;
  readonly id: RuleId;
  readonly content: RuleContent;
  readonly now: Date;
}

/** A new rule is off, behind all others. */
export function create(
  present: readonly Rule[],
  { tenantId, id, content, now }: Creation,
): Decision<Rule, 'INVALID_INPUT'> {
  if (present.length >= rulesMax)
    return refuse('INVALID_INPUT', null, `A workspace has at most ${rulesMax} rules: delete one first.`);
  const position = (present.at(-1)?.position ?? 0) + 1;
  return accept({ ...content, tenantId, id, version: 1, mode: 'off', position, createdAt: now, updatedAt: now });
}

interface Change {
  readonly expectedVersion: number;
  readonly now: Date;
}

/** Replaces what the rule says. What it says already is accepted whatever the version, so that a request can be repeated. */
export function replace(
  rule: Rule,
  { expectedVersion, now, content }: Change & { readonly content: RuleContent },
): Decision<Rule, 'VERSION_CONFLICT'> {
  if (isSame(rule, content)) return accept(rule);
  if (rule.version !== expectedVersion) return changedMeanwhile(rule);
  return accept({ ...rule, ...content, version: rule.version + 1, updatedAt: now });
}

export function setMode(
  rule: Rule,
  { expectedVersion, now, mode }: Change & { readonly mode: Mode },
): Decision<Rule, 'VERSION_CONFLICT'> {
  if (rule.mode === mode) return accept(rule);
  if (rule.version !== expectedVersion) return changedMeanwhile(rule);
  return accept({ ...rule, mode, version: rule.version + 1, updatedAt: now });
}

export function refuseRemoval(rule: Rule, expectedVersion: number): Decision<Rule, 'VERSION_CONFLICT'> {
  return rule.version === expectedVersion ? accept(rule) : changedMeanwhile(rule);
}

/** The rules that move, at their new positions. The order names every rule once. */
export function reorder(
  present: readonly Rule[],
  order: readonly RuleId[],
  now: Date,
): Decision<Rule[], 'VERSION_CONFLICT'> {
  const isWhole =
    order.length === present.length &&
    new Set(order).size === order.length &&
    present.every(({ id }) => order.includes(id));
  if (!isWhole)
    return refuse(
      'VERSION_CONFLICT',
      'ruleIds',
      'Name every rule of the workspace once: read automationRules, then decide again.',
    );
  const places = new Map(order.map((id, n) => [id, n + 1]));
  return accept(
    present.flatMap((rule) => {
      const position = places.get(rule.id) ?? rule.position;
      if (position === rule.position) return [];
      return [{ ...rule, position, version: rule.version + 1, updatedAt: now }];
    }),
  );
}

function changedMeanwhile({ version }: Rule) {
  return refuse(
    'VERSION_CONFLICT',
    'expectedVersion',
    `The rule is at version ${version} now: read it, then decide again.`,
  );
}

/** What people wrote, without what only this program knows. */
export function contentOf(rule: RuleContent): RuleContent {
  const { name, trigger, afterMinutes, condition, actions, stops, limits, timeZone, schedule } = rule;
  return { name, trigger, afterMinutes, condition, actions, stops, limits, timeZone, schedule };
}

function isSame(one: RuleContent, other: RuleContent): boolean {
  return inOneOrder(one) === inOneOrder(other);
}

/** Postgres keeps the fields of a JSON object in an order of its own. */
function inOneOrder(rule: RuleContent): string {
  return JSON.stringify(contentOf(rule), (_, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}
