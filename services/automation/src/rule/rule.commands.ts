import { newId, type RuleId, type TemplateId } from '@crossdesk/contracts';
import {
  accept,
  changed,
  type CommandCall,
  type Decision,
  makeOnce,
  type Outcome,
  refuse,
  type Refused,
  type ServiceRuntime,
  unchanged,
} from '@crossdesk/service-kit';
import type { DB } from '../db.ts';
import { checkRules, type Finding } from './check-rules.domain.ts';
import { sendableTemplates } from './rule-check.store.ts';
import { templatesByIds } from '../template/template.store.ts';
import { create, refuseRemoval, reorder, replace, setMode } from './rule-change.domain.ts';
import type { Mode, Rule, RuleContent } from './rule.domain.ts';
import { ruleChanged } from './rule.events.ts';
import { deleteRow, lockRules, rulesByIds, saveRules } from './rule.store.ts';
import { insertRuleSet } from './rule-set.store.ts';

type Deps = Pick<ServiceRuntime<DB>, 'outbox' | 'clock'>;

export interface CreateRuleInput {
  readonly clientMutationId: string;
  readonly content: RuleContent;
}

/** Creates a rule that is off, behind all others. */
export async function createRule(
  deps: Deps,
  call: CommandCall<DB>,
  { clientMutationId, content }: CreateRuleInput,
): Promise<Outcome<Rule, 'CLIENT_ID_REUSED' | 'INVALID_INPUT' | 'NOT_FOUND'>> {
  const { trx, actor } = call;
  const { tenantId } = actor;
  const present = await lockRules(trx, tenantId);
  return makeOnce<DB, Rule, 'INVALID_INPUT' | 'NOT_FOUND'>(
    call,
    { kind: 'automation-rule', clientMutationId, content: [JSON.stringify(content)] },
    {
      find: async (id) => (await rulesByIds(trx, tenantId, [id])).get(id) ?? null,
      decide: async () => {
        const dangling = await refuseDangling(call, content);
        if (dangling !== null) return dangling;
        const decision = create(present, { tenantId, id: newId<RuleId>(), content, now: deps.clock.now() });
        if (!decision.ok) return decision;
        return accept({ made: decision.value, record: () => record(deps, call, present, [decision.value]) });
      },
    },
  );
}

interface Versioned {
  readonly ruleId: RuleId;
  readonly expectedVersion: number;
}

export async function updateRule(
  deps: Deps,
  call: CommandCall<DB>,
  { ruleId, expectedVersion, content }: Versioned & { readonly content: RuleContent },
): Promise<Outcome<Rule, 'INVALID_INPUT' | 'NOT_FOUND' | 'VERSION_CONFLICT'>> {
  return (
    (await refuseDangling(call, content)) ??
    change(deps, call, ruleId, (rule) => replace(rule, { expectedVersion, content, now: deps.clock.now() }))
  );
}

export function setRuleMode(
  deps: Deps,
  call: CommandCall<DB>,
  { ruleId, expectedVersion, mode }: Versioned & { readonly mode: Mode },
): Promise<Outcome<Rule, 'INVALID_INPUT' | 'NOT_FOUND' | 'VERSION_CONFLICT'>> {
  return change(deps, call, ruleId, (rule) => setMode(rule, { expectedVersion, mode, now: deps.clock.now() }));
}

/** Deletes a rule; evaluations of the past are still explained with it. Returns it as it was. */
export async function deleteRule(
  { outbox, clock }: Deps,
  { trx, actor, origin }: CommandCall<DB>,
  { ruleId, expectedVersion }: Versioned,
): Promise<Outcome<Rule, 'NOT_FOUND' | 'VERSION_CONFLICT'>> {
  const { tenantId } = actor;
  const present = await lockRules(trx, tenantId);
  const rule = present.find(({ id }) => id === ruleId);
  if (rule === undefined) return noRule;
  const decision = refuseRemoval(rule, expectedVersion);
  if (!decision.ok) return decision;
  const aggregate = await deleteRow(trx, rule);
  const rest = present.filter(({ id }) => id !== ruleId);
  const ruleSet = await insertRuleSet(trx, { tenantId, rules: rest, now: clock.now() });
  await outbox.append(trx, [ruleChanged(aggregate, rule, { ruleSet, isDeleted: true, origin })]);
  return changed(rule, ruleId);
}

/** Gives the rules another order; every rule is named once. */
export async function reorderRules(
  deps: Deps,
  call: CommandCall<DB>,
  ruleIds: readonly RuleId[],
): Promise<Outcome<readonly Rule[], 'INVALID_INPUT' | 'VERSION_CONFLICT'>> {
  const present = await lockRules(call.trx, call.actor.tenantId);
  const decision = reorder(present, ruleIds, deps.clock.now());
  if (!decision.ok) return decision;
  const moved = decision.value;
  if (moved.length === 0) return unchanged(present);
  const barred = await refuseBarred(call, present, moved);
  if (barred !== null) return barred;
  await record(deps, call, present, moved);
  return changed(inOrder(present, moved), moved[0]?.id ?? '');
}

async function change<Code extends string>(
  deps: Deps,
  call: CommandCall<DB>,
  ruleId: RuleId,
  decide: (rule: Rule) => Decision<Rule, Code>,
): Promise<Outcome<Rule, Code | 'INVALID_INPUT' | 'NOT_FOUND'>> {
  const present = await lockRules(call.trx, call.actor.tenantId);
  const rule = present.find(({ id }) => id === ruleId);
  if (rule === undefined) return noRule;
  const decision = decide(rule);
  if (!decision.ok) return decision;
  if (decision.value === rule) return unchanged(rule);
  const barred = await refuseBarred(call, present, [decision.value]);
  if (barred !== null) return barred;
  await record(deps, call, present, [decision.value]);
  return changed(decision.value, ruleId);
}

/** Saves and publishes rules that changed, and makes the set that they are in from now on. */
async function record(
  { outbox, clock }: Deps,
  { trx, actor, origin }: CommandCall<DB>,
  present: readonly Rule[],
  next: readonly Rule[],
): Promise<void> {
  const aggregates = await saveRules(trx, next);
  const { tenantId } = actor;
  const ruleSet = await insertRuleSet(trx, { tenantId, rules: inOrder(present, next), now: clock.now() });
  const drafts = next.flatMap((rule, n) => {
    const aggregate = aggregates[n];
    return aggregate === undefined ? [] : [ruleChanged(aggregate, rule, { ruleSet, isDeleted: false, origin })];
  });
  await outbox.append(trx, drafts);
}

function inOrder(present: readonly Rule[], next: readonly Rule[]): Rule[] {
  const rules = new Map([...present, ...next].map((rule) => [rule.id, rule]));
  return [...rules.values()].toSorted((a, b) => a.position - b.position || (a.id < b.id ? -1 : 1));
}

/** Rules that act must not loop, nor need a template that cannot be sent. */
async function refuseBarred(
  { trx, actor }: CommandCall<DB>,
  present: readonly Rule[],
  next: readonly Rule[],
): Promise<Refused<'INVALID_INPUT'> | null> {
  if (!next.some(({ mode }) => mode === 'auto')) return null;
  const rules = inOrder(present, next);
  const findings = checkRules(rules, await sendableTemplates(trx, actor.tenantId, rules));
  const concerned = new Set<RuleId>(next.flatMap(({ id, mode }) => (mode === 'auto' ? [id] : [])));
  const bar = findings.find(
    ({ kind, rule, others }) =>
      (kind === 'loop' || kind === 'dangling') && [rule, ...others].some(({ id }) => concerned.has(id)),
  );
  if (bar === undefined) return null;
  const names = [bar.rule, ...bar.others].map(({ name }) => name).join(', ');
  return refuse('INVALID_INPUT', null, barredBecause(bar, names));
}

function barredBecause({ kind, action }: Finding, names: string): string {
  if (kind === 'loop') return `These rules would make each other look for ever: ${names}. checkRules shows how.`;
  return action?.type === 'workflow'
    ? `The rule ${names} starts a workflow, which nobody carries out yet: let it escalate instead.`
    : `A template of the rule ${names} is disabled or does not exist: enable it, or take another.`;
}

/** A rule cannot reply with a template that is not there. */
async function refuseDangling(
  { trx, actor }: CommandCall<DB>,
  { actions }: RuleContent,
): Promise<Refused<'NOT_FOUND'> | null> {
  // An action `reply` has the id of a template: `readRule` has decoded it.
  const ids = actions.flatMap(({ type, value }) => (type === 'reply' ? [value as TemplateId] : []));
  const found = await templatesByIds(trx, actor.tenantId, ids);
  const n = actions.findIndex(({ type, value }) => type === 'reply' && !found.has(value as TemplateId));
  if (n === -1) return null;
  const message = 'There is no template with this id: take one from templates.';
  return {
    ok: false,
    errors: [{ code: 'NOT_FOUND', message, path: ['input', 'rule', 'actions', String(n), 'value'] }],
  };
}

const noRule = refuse('NOT_FOUND', 'ruleId', 'There is no rule with this id: take one from automationRules.');
