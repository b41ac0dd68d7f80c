import { nameOf, plainOpNames, shownCondition, writtenCondition } from '@crossdesk/condition';
import type { CustomerId, TagRuleId } from '@crossdesk/contracts';
import { inputId, signedInAs, toPayload } from '@crossdesk/service-kit';
import type { GraphqlContext } from '../../graphql-context.ts';
import type * as graphql from '../../graphql.generated.ts';
import { seesAll } from '../stats/sees-all.ts';
import { sayTag } from './tag.commands.ts';
import { deleteTagRule, saveTagRule } from './tag-rule.commands.ts';
import { tagRules } from './tag-rule.store.ts';

/** Says of a customer that they have a tag, or that they do not. */
function say(action: 'tagCustomer' | 'untagCustomer') {
  return async (
    _: unknown,
    { input }: graphql.MutationTagCustomerArgs,
    { request, app: { runtime }, loaders }: GraphqlContext,
  ) => {
    const wish = { customerId: inputId<CustomerId>(input.customerId), tag: input.tag, isSet: action === 'tagCustomer' };
    const outcome = await runtime.commands.asked(request, action, (call) => sayTag(runtime, call, wish));
    const customer = outcome.ok ? await loaders.customers.load(outcome.value) : null;
    return { customer, errors: outcome.ok ? [] : [...outcome.errors] };
  };
}

export const tagResolvers: graphql.Resolvers<GraphqlContext> = {
  Query: {
    tagRules: (_, __, { request, app: { runtime } }) => {
      const { tenantId } = signedInAs(request, 'supervisor', 'admin');
      return runtime.db.forTenant(tenantId, (trx) => tagRules(trx, tenantId));
    },
  },
  Mutation: {
    tagCustomer: say('tagCustomer'),
    untagCustomer: say('untagCustomer'),
    upsertTagRule: async (_, { input }, { request, app: { runtime, nudgeStats } }) => {
      const wish = {
        ruleId: typeof input.ruleId === 'string' ? inputId<TagRuleId>(input.ruleId) : null,
        ...{ expectedVersion: input.expectedVersion ?? null, tag: input.tag, isActive: input.isActive ?? true },
        condition: writtenCondition(input.condition),
      };
      const outcome = await runtime.commands.asked(request, 'upsertTagRule', (call) =>
        saveTagRule(runtime, call, wish),
      );
      nudgeStats();
      return toPayload('rule', outcome);
    },
    deleteTagRule: async (_, { input }, { request, app: { runtime, nudgeStats } }) => {
      const ruleId = inputId<TagRuleId>(input.ruleId);
      const outcome = await runtime.commands.asked(request, 'deleteTagRule', (call) =>
        deleteTagRule(runtime, call, ruleId),
      );
      nudgeStats();
      return toPayload('rule', outcome);
    },
  },
  Customer: { tags: ({ id }, _, { loaders }) => loaders.tagsOf.load(id) },
  CustomerTag: {
    by: ({ agent_id: agentId }) => (agentId === null ? 'RULE' : 'AGENT'),
    agent: ({ agent_id: id }) => (id === null ? null : { id }),
    rule: ({ rule_id: id }, _, { loaders }) => (id === null ? null : loaders.tagRules.load(id)),
    reason: ({ reason }, _, { request }) => (reason !== null && seesAll(request) ? reason : null),
  },
  TagReason: { op: ({ op }) => nameOf(op, plainOpNames) ?? 'IN', values: ({ values }) => [...values] },
  TagRule: {
    tag: ({ name }) => name,
    condition: ({ condition }) => shownCondition(condition, plainOpNames),
    updatedBy: ({ updatedBy }) => ({ id: updatedBy }),
  },
};
