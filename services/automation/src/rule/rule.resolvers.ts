import { opNames, shownCondition } from '@crossdesk/condition';
import { parseId, type RuleId } from '@crossdesk/contracts';
import {
  connectionOf,
  counted,
  countResolvers,
  decodeNamePlace,
  encodeNamePlace,
  fromEnum,
  inputId,
  pageSize,
  signedIn,
  signedInAs,
  toEnum,
  toPayload,
  withPresent,
} from '@crossdesk/service-kit';
import type * as graphql from '../graphql.generated.ts';
import { createRule, deleteRule, reorderRules, setRuleMode, updateRule } from './rule.commands.ts';
import { modes } from './rule.domain.ts';
import { readRule } from './rule-input.domain.ts';
import { shownHours, writtenRule } from './rule-shape.ts';
import { countRules, listRules, rulesByIds } from './rule.store.ts';

export const ruleResolvers: graphql.Resolvers = {
  Query: {
    automationRule: (_, { id: text }, { request, loaders }) => {
      signedIn(request);
      const id = parseId<RuleId>(text);
      return id === null ? null : loaders.load(rulesByIds, id);
    },
    automationRules: async (_, args, { app: { runtime }, request }) => {
      const { tenantId } = signedIn(request);
      const wanted = args.modes?.map((mode) => fromEnum(modes, mode)) ?? null;
      const first = pageSize(args.first);
      const page = { modes: wanted, first, after: placeOf(args.after) };
      const found = await runtime.db.forTenant(tenantId, (trx) => listRules(trx, tenantId, page));
      const cursorOf = (rule: { position: number; id: string }) =>
        encodeNamePlace({ name: String(rule.position), id: rule.id });
      const connection = connectionOf(found, { first, after: args.after }, cursorOf, (rule) => rule);
      return counted(connection, () => runtime.db.forTenant(tenantId, (trx) => countRules(trx, tenantId, wanted)));
    },
  },
  Mutation: {
    createAutomationRule: async (_, { input }, { app: { runtime }, request }) => {
      signedInAs(request, 'supervisor', 'admin');
      const { clientMutationId } = input;
      const read = readRule(writtenRule(input.rule), ['input', 'rule']);
      const outcome = read.ok
        ? await runtime.commands.asked(request, 'createAutomationRule', (call) =>
            createRule(runtime, call, { clientMutationId, content: read.value }),
          )
        : read;
      return toPayload('rule', outcome);
    },
    updateAutomationRule: async (_, { input }, { app: { runtime }, request, loaders }) => {
      signedInAs(request, 'supervisor', 'admin');
      const ruleId = inputId<RuleId>(input.ruleId);
      const read = readRule(writtenRule(input.rule), ['input', 'rule']);
      const outcome = read.ok
        ? await runtime.commands.asked(request, 'updateAutomationRule', (call) =>
            updateRule(runtime, call, { ruleId, expectedVersion: input.expectedVersion, content: read.value }),
          )
        : read;
      return toPayload('rule', await withPresent(outcome, () => loaders.load(rulesByIds, ruleId)));
    },
    setAutomationRuleMode: async (_, { input }, { app: { runtime }, request, loaders }) => {
      signedInAs(request, 'supervisor', 'admin');
      const { expectedVersion } = input;
      const wanted = { ruleId: inputId<RuleId>(input.ruleId), expectedVersion, mode: fromEnum(modes, input.mode) };
      const outcome = await runtime.commands.asked(request, 'setAutomationRuleMode', (call) =>
        setRuleMode(runtime, call, wanted),
      );
      return toPayload('rule', await withPresent(outcome, () => loaders.load(rulesByIds, wanted.ruleId)));
    },
    reorderAutomationRules: async (_, { input }, { app: { runtime }, request }) => {
      signedInAs(request, 'supervisor', 'admin');
      const ruleIds = input.ruleIds.map((id) => inputId<RuleId>(id));
      const outcome = await runtime.commands.asked(request, 'reorderAutomationRules', (call) =>
        reorderRules(runtime, call, ruleIds),
      );
      return outcome.ok ? { rules: [...outcome.value], errors: [] } : { rules: null, errors: [...outcome.errors] };
    },
    deleteAutomationRule: async (_, { input }, { app: { runtime }, request, loaders }) => {
      signedInAs(request, 'supervisor', 'admin');
      const wanted = { ruleId: inputId<RuleId>(input.ruleId), expectedVersion: input.expectedVersion };
      const outcome = await runtime.commands.asked(request, 'deleteAutomationRule', (call) =>
        deleteRule(runtime, call, wanted),
      );
      return toPayload('rule', await withPresent(outcome, () => loaders.load(rulesByIds, wanted.ruleId)));
    },
  },
  AutomationRuleConnection: countResolvers,
  AutomationRule: {
    __resolveReference: ({ id: text }, { request, loaders }) => {
      signedIn(request);
      const id = parseId<RuleId>(text);
      return id === null ? null : loaders.load(rulesByIds, id);
    },
    trigger: ({ trigger }) => toEnum(trigger),
    condition: ({ condition }) => shownCondition(condition, opNames),
    actions: ({ actions }) => actions.map(({ type, value }) => ({ type: toEnum(type), value })),
    limits: ({ limits }) => limits.map(({ scope, times, hours }) => ({ scope: toEnum(scope), times, hours })),
    schedule: ({ schedule }) => schedule.map(shownHours),
    mode: ({ mode }) => toEnum(mode),
  },
};

function placeOf(cursor: string | null | undefined) {
  const place = decodeNamePlace(cursor);
  if (place === null) return null;
  // A cursor of another list begins at the beginning.
  const position = /^[0-9]{1,9}$/.test(place.name) ? Number(place.name) : 0;
  return { position, id: inputId<RuleId>(place.id) };
}
