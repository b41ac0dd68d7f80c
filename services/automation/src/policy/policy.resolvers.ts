import { fromEnum, signedIn, signedInAs, toEnum, toPayload, withPresent } from '@crossdesk/service-kit';
import { intents, riskClasses } from '../analysis/labels.domain.ts';
import type * as graphql from '../graphql.generated.ts';
import { shownHours, writtenHours } from '../rule/rule-shape.ts';
import { templatesByIds } from '../template/template.store.ts';
import { changePolicy, unsetPolicy } from './policy.commands.ts';
import { defaultPolicy, policyModes } from './policy.domain.ts';
import { readPolicyInput, type WrittenPolicy } from './policy-input.domain.ts';
import { readPolicy } from './policy.store.ts';

export const policyResolvers: graphql.Resolvers = {
  Query: {
    automationPolicy: async (_, _args, { app: { runtime }, request }) => {
      const { tenantId } = signedIn(request);
      const row = await runtime.db.forTenant(tenantId, (trx) => readPolicy(trx, tenantId));
      return row ?? unsetPolicy(tenantId, runtime.clock.now());
    },
  },
  Mutation: {
    setAutomationPolicy: async (_, { input }, { app: { runtime }, request }) => {
      const { tenantId } = signedInAs(request, 'supervisor', 'admin');
      const read = readPolicyInput(written(input));
      const { expectedVersion } = input;
      const outcome = read.ok
        ? await runtime.commands.asked(request, 'setAutomationPolicy', (call) =>
            changePolicy(runtime, call, { policy: read.value, expectedVersion }),
          )
        : read;
      const present = () => runtime.db.forTenant(tenantId, (trx) => readPolicy(trx, tenantId));
      return toPayload('policy', await withPresent(outcome, present));
    },
  },
  AutomationPolicy: {
    mode: ({ mode }) => toEnum(mode),
    waitSeconds: (row) => row.wait_seconds,
    answers: ({ content }) => [...content.answers],
    askForOrderTemplate: ({ content: { askForOrderTemplateId: id } }, _, { loaders }) =>
      id === null ? null : loaders.load(templatesByIds, id),
    humanRisks: ({ content }) => content.humanRisks.map((risk) => toEnum(risk)),
    answersPerDayMax: ({ content }) => content.answersPerDayMax,
    handOver: ({ content }) => content.handOver,
    changedAt: ({ version, changed_at: changedAt }) => (version === 0 ? null : changedAt),
  },
  AnswerPolicy: {
    intent: ({ intent }) => toEnum(intent),
    channels: ({ channels }) => [...channels],
    markets: ({ markets }) => [...markets],
    orderStates: ({ orderStates }) => [...orderStates],
    template: ({ templateId }, _, { loaders }) => loaders.load(templatesByIds, templateId),
  },
  HandOverPolicy: {
    template: ({ templateId }, _, { loaders }) => loaders.load(templatesByIds, templateId),
    hours: ({ hours }) => hours.map(shownHours),
  },
};

function written(input: graphql.SetAutomationPolicyInput): WrittenPolicy {
  const { waitSeconds, content } = defaultPolicy;
  return {
    mode: fromEnum(policyModes, input.mode),
    waitSeconds: input.waitSeconds ?? waitSeconds,
    answers: (input.answers ?? []).map((answer) => ({
      intent: fromEnum(intents, answer.intent),
      channels: answer.channels ?? [],
      markets: answer.markets ?? [],
      orderStates: answer.orderStates ?? [],
      templateId: answer.templateId,
      minScore: answer.minScore ?? null,
    })),
    askForOrderTemplateId: input.askForOrderTemplateId ?? null,
    humanRisks: input.humanRisks?.map((risk) => fromEnum(riskClasses, risk)) ?? content.humanRisks,
    answersPerDayMax: input.answersPerDayMax ?? content.answersPerDayMax,
    handOver: input.handOver ? writtenHandOver(input.handOver) : null,
  };
}

function writtenHandOver(input: graphql.HandOverPolicyInput): NonNullable<WrittenPolicy['handOver']> {
  return {
    templateId: input.templateId,
    isOnlyOutsideHours: input.isOnlyOutsideHours ?? false,
    answerWithinMinutes: input.answerWithinMinutes,
    hours: (input.hours ?? []).map(writtenHours),
    timeZone: input.timeZone ?? 'UTC',
  };
}
