import { type FactValue, leavesOf } from '@crossdesk/condition';
import { parseId, type MessageId } from '@crossdesk/contracts';
import { seesAll, signedIn, toEnum } from '@crossdesk/service-kit';
import { conversationOf } from '../analysis/analysis.store.ts';
import { decisionsByIds } from '../decision/decision.store.ts';
import type * as graphql from '../graphql.generated.ts';
import type { Leaf } from '../rule/condition.domain.ts';
import { type TraceEntry } from '../rule/evaluate.domain.ts';
import { traceHash } from '../rule/trace-hash.ts';
import { type Evaluation, evaluationsOf } from '../rule/evaluation.store.ts';
import type { Facts } from '../rule/field.domain.ts';
import { recompute, timeFacts } from '../rule/recompute.domain.ts';
import { verdictsOf } from '../turn/turn-verdict.store.ts';
import { readRuleSet } from '../rule/rule-set.store.ts';
import { shownLeaf } from '../rule/rule-shape.ts';
import type { RuleSet } from '../rule/rule.domain.ts';

export const explainResolvers: graphql.Resolvers = {
  Query: {
    explainAutomation: async (_, { messageId: text }, { app: { runtime }, request }) => {
      const caller = signedIn(request);
      const { tenantId } = caller;
      const messageId = parseId<MessageId>(text);
      if (messageId === null) return null;
      return runtime.db.forTenant(tenantId, async (trx) => {
        const conversationId = await conversationOf(trx, tenantId, messageId);
        if (conversationId === null) return null;
        const rows = await evaluationsOf(trx, tenantId, conversationId, messageId);
        const evaluations: ReturnType<typeof shown>[] = [];
        for (const row of rows) evaluations.push(shown(row, await readRuleSet(trx, tenantId, row.rule_set)));
        const told = seesAll(caller) ? evaluations : evaluations.map(withoutTier);
        return { evaluations: told, turns: await verdictsOf(trx, tenantId, conversationId, messageId) };
      });
    },
  },
  RuleResult: {
    type: ({ type }) => toEnum(type),
    decision: ({ decisionId }, _, { loaders }) =>
      decisionId === null ? null : loaders.load(decisionsByIds, decisionId),
  },
};

function shown(row: Evaluation, set: RuleSet) {
  const trace = recompute(set, row);
  return {
    evaluatedAt: row.evaluated_at,
    ruleSet: row.rule_set,
    facts: Object.entries(row.facts).map(([field, value]) => ({ field, values: shownValue(value) })),
    rules: trace.map((entry) => shownEntry(entry, row)),
    isReproduced: traceHash(trace) === row.trace_hash,
  };
}

/** For roles that are limited to stores: tiers come from orders of all stores. */
function withoutTier(one: ReturnType<typeof shown>): ReturnType<typeof shown> {
  const isTier = (field: string) => field === 'customer.tier';
  const rules = one.rules.map((rule) =>
    rule.leaf !== null && isTier(rule.leaf.leaf.field) ? { ...rule, leaf: { ...rule.leaf, known: null } } : rule,
  );
  return { ...one, facts: one.facts.filter(({ field }) => !isTier(field)), rules };
}

function shownEntry(entry: TraceEntry, row: Evaluation) {
  const { rule, outcome } = entry;
  const leaf = outcome === 'false' || outcome === 'unknown' ? entry.leaf : null;
  return {
    ruleId: rule.id,
    ruleName: rule.name,
    ruleVersion: rule.version,
    mode: toEnum(rule.mode),
    outcome: toEnum(outcome),
    reason: outcome === 'skipped' ? toEnum(entry.reason) : null,
    leaf: leaf === null ? null : shownLeafTrace(leaf, entry, timeFacts(row, rule)),
    actions: outcome === 'matched' ? entry.actions.map(({ type, value }) => ({ type: toEnum(type), value })) : [],
    results: row.results.filter(({ ruleId }) => ruleId === rule.id),
  };
}

function shownLeafTrace(leaf: Leaf, { rule }: TraceEntry, facts: Facts): graphql.RuleLeafTrace {
  const place = leavesOf(rule.condition).find((one) => one.leaf === leaf);
  const known = facts[leaf.field];
  return {
    path: place?.path ?? '',
    leaf: shownLeaf(leaf),
    known: known === undefined ? null : shownValue(known),
  };
}

function shownValue(value: FactValue): string[] {
  return typeof value === 'object' ? [...value] : [String(value)];
}
