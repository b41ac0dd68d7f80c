import { parseId, type RuleId } from '@crossdesk/contracts';
import { fromEnum, inputId, signedIn, signedInAs, toEnum, toPayload } from '@crossdesk/service-kit';
import type * as graphql from '../../graphql.generated.ts';
import { modes } from '../rule.domain.ts';
import { readRule } from '../rule-input.domain.ts';
import { writtenRule } from '../rule-shape.ts';
import { askSimulation } from './simulation.commands.ts';
import type { SimulationId } from './simulation.domain.ts';
import { simulationsByIds } from './simulation.store.ts';

export const simulationResolvers: graphql.Resolvers = {
  Query: {
    ruleSimulation: (_, { id: text }, { request, loaders }) => {
      signedInAs(request, 'supervisor', 'admin');
      const id = parseId<SimulationId>(text);
      return id === null ? null : loaders.load(simulationsByIds, id);
    },
  },
  Mutation: {
    simulateAutomationRules: async (_, { input }, { app: { runtime, nudgeSimulator }, request }) => {
      signedInAs(request, 'supervisor', 'admin');
      const { clientMutationId, from, to, ruleSet } = input;
      const read = input.draft ? readRule(writtenRule(input.draft), ['input', 'draft']) : null;
      const wish = {
        ...{ clientMutationId, from, to, ruleSet: ruleSet ?? null },
        ruleId: input.ruleId ? inputId<RuleId>(input.ruleId) : null,
        mode: fromEnum(modes, input.mode ?? 'AUTO'),
      };
      const outcome =
        read === null || read.ok
          ? await runtime.commands.asked(request, 'simulateAutomationRules', (call) =>
              askSimulation(runtime, call, { ...wish, draft: read?.value ?? null }),
            )
          : read;
      nudgeSimulator();
      return toPayload('simulation', outcome);
    },
  },
  RuleSimulation: {
    __resolveReference: ({ id: text }, { request, loaders }) => {
      // Whom a query would refuse finds nothing among all objects.
      if (signedIn(request).role === 'agent') return null;
      const id = parseId<SimulationId>(text);
      return id === null ? null : loaders.load(simulationsByIds, id);
    },
    state: ({ state }) => toEnum(state),
    from: (row) => row.from_at,
    to: (row) => row.to_at,
    requestedAt: (row) => row.requested_at,
    finishedAt: (row) => row.finished_at,
  },
  SimulatedRule: {
    ruleName: ({ name }) => name,
    mode: ({ mode }) => (mode === null ? null : toEnum(mode)),
    matchedBefore: ({ before }) => before,
    matched: ({ after }) => after,
  },
  SimulationExample: {
    change: ({ change }) => toEnum(change),
    evaluatedAt: ({ evaluatedAt }) => new Date(evaluatedAt),
  },
};
