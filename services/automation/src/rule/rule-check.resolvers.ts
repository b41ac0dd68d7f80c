import { newId, type RuleId } from '@crossdesk/contracts';
import { inputId, signedInAs, toEnum } from '@crossdesk/service-kit';
import type * as graphql from '../graphql.generated.ts';
import { withDraft } from './draft.domain.ts';
import type { RuleVersion } from './rule.domain.ts';
import { readRule } from './rule-input.domain.ts';
import { presentSets, readRuleSet } from './rule-set.store.ts';
import { writtenRule } from './rule-shape.ts';
import { checkRules, type Finding } from './check-rules.domain.ts';
import { sendableTemplates } from './rule-check.store.ts';

export const ruleCheckResolvers: graphql.Resolvers = {
  Query: {
    checkRules: async (_, { draft, ruleId }, { app: { runtime }, request }) => {
      const { tenantId } = signedInAs(request, 'supervisor', 'admin');
      const read = draft ? readRule(writtenRule(draft), ['draft']) : null;
      return runtime.db.forTenant(tenantId, async (trx) => {
        const number = (await presentSets(trx, [tenantId])).get(tenantId) ?? 0;
        const { rules: present } = await readRuleSet(trx, tenantId, number);
        if (ruleId && !present.some(({ id }) => id === ruleId.toLowerCase()))
          return { findings: null, errors: [noRule] };
        if (read !== null && !read.ok) return { findings: null, errors: [...read.errors] };
        const place = ruleId ? inputId<RuleId>(ruleId) : newId<RuleId>();
        const rules = read === null ? present : withDraft(present, { id: place, content: read.value, mode: 'auto' });
        const findings = checkRules(rules, await sendableTemplates(trx, tenantId, rules));
        const known = new Set(present.map(({ id }) => id));
        return { findings: findings.map((finding) => shown(finding, known)), errors: [] };
      });
    },
  },
};

const noRule: graphql.UserError = {
  code: 'NOT_FOUND',
  message: 'There is no rule with this id: take one from automationRules.',
  path: ['ruleId'],
};

function shown({ kind, rule, others, action, witness }: Finding, known: ReadonlySet<RuleId>): graphql.RuleFinding {
  const named = ({ id, name }: RuleVersion) => ({ ruleId: known.has(id) ? id : null, ruleName: name });
  return {
    kind: toEnum(kind),
    ...named(rule),
    others: others.map(named),
    action: action === null ? null : { type: toEnum(action.type), value: action.value },
    witness: (witness ?? []).map(({ field, values }) => ({ field, values: [...values] })),
  };
}
