import type { WrittenCondition } from '@crossdesk/condition';
import { newId, type TagRuleId } from '@crossdesk/contracts';
import { foldedName, plainName } from '@crossdesk/folded-text';
import {
  agentOf,
  changed,
  type CommandCall,
  type Outcome,
  refuse,
  refuseText,
  type ServiceRuntime,
  unchanged,
} from '@crossdesk/service-kit';
import type { DB } from '../../db.ts';
import { readCustomerCondition } from '../segment/customer-field.domain.ts';
import { onlyLeads } from '../stats/only-leads.ts';
import { askForPass } from '../stats/settings.store.ts';
import { deleteRuleRow, lockRules, saveRule, type StoredRule } from './tag-rule.store.ts';

const charactersMax = 60;
const rulesMax = 100;

export interface TagRuleInput {
  /** Null: a new one. */
  readonly ruleId: TagRuleId | null;
  readonly expectedVersion: number | null;
  readonly tag: string;
  readonly condition: WrittenCondition;
  readonly isActive: boolean;
}

type Code = 'FORBIDDEN' | 'INVALID_INPUT' | 'NOT_FOUND' | 'VERSION_CONFLICT';
type Deps = Pick<ServiceRuntime<DB>, 'clock'>;

/** Makes a rule that tags, or replaces one. All customers are looked at with it soon after. */
export async function saveTagRule(
  { clock }: Deps,
  { trx, actor }: CommandCall<DB>,
  input: TagRuleInput,
): Promise<Outcome<StoredRule, Code>> {
  const by = agentOf(actor);
  if (by === null || !('role' in actor) || actor.role === 'agent') return onlyLeads;
  const { tenantId } = actor;
  const name = plainName(input.tag);
  const refusal = refuseText('tag', name, charactersMax);
  if (refusal !== null) return refusal;
  const condition = readCustomerCondition(input.condition, ['input', 'condition']);
  if (!condition.ok) return condition;
  const rules = await lockRules(trx, tenantId);
  const before = rules.find(({ id }) => id === input.ruleId) ?? null;
  if (input.ruleId !== null && before === null) return noRule;
  if (before !== null && before.version !== input.expectedVersion)
    return refuse(
      'VERSION_CONFLICT',
      'expectedVersion',
      `The rule is at version ${before.version} now: read it again, then decide again.`,
    );
  if (before === null && rules.length >= rulesMax)
    return refuse('INVALID_INPUT', null, `A workspace has at most ${rulesMax} tag rules: delete one first.`);
  const tag = foldedName(name);
  if (rules.some((rule) => rule.tag === tag && rule.id !== before?.id))
    return refuse(
      'INVALID_INPUT',
      'tag',
      'Another rule gives this tag: change that one, or put both conditions into `any`.',
    );
  const now = clock.now();
  const rule: StoredRule = {
    ...{ tenantId, tag, name, condition: condition.value, isActive: input.isActive, updatedBy: by, updatedAt: now },
    id: before?.id ?? newId<TagRuleId>(),
    version: (before?.version ?? 0) + 1,
  };
  if (before !== null && isSame(before, rule)) return unchanged(before);
  await saveRule(trx, rule);
  await askForPass(trx, tenantId, now);
  return changed(rule, rule.id);
}

function isSame(one: StoredRule, other: StoredRule): boolean {
  const content = ({ name, isActive, condition }: StoredRule) => JSON.stringify([name, isActive, condition]);
  return content(one) === content(other);
}

/** Deletes a rule; the customers lose its tag. */
export async function deleteTagRule(
  { clock }: Deps,
  { trx, actor }: CommandCall<DB>,
  ruleId: TagRuleId,
): Promise<Outcome<StoredRule, Code>> {
  if (!('role' in actor) || actor.role === 'agent') return onlyLeads;
  const { tenantId } = actor;
  const rule = (await lockRules(trx, tenantId)).find(({ id }) => id === ruleId);
  if (rule === undefined) return noRule;
  await deleteRuleRow(trx, tenantId, ruleId);
  await askForPass(trx, tenantId, clock.now());
  return changed(rule, ruleId);
}

const noRule = refuse('NOT_FOUND', 'ruleId', 'There is no tag rule with this id: take one from tagRules.');
