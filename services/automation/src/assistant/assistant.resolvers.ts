import { fromEnum, refuseLimited, signedIn, signedInAs, toEnum, toPayload } from '@crossdesk/service-kit';
import { GraphQLError } from 'graphql';
import type * as graphql from '../graphql.generated.ts';
import { engineOf } from './ask-assistant.ts';
import { connectAssistant, disconnectAssistant } from './assistant.commands.ts';
import { checkConnection, type Connection, purposes } from './assistant.domain.ts';
import { limitsOf, priceOf } from './assistant-row.ts';
import { readAssistant } from './assistant.store.ts';
import { shareOf } from './budget.domain.ts';
import { noteTest, tryAssistant } from './test-assistant.ts';
import { usageBetween } from './usage.store.ts';

const usageDaysMax = 100;
/** Shorter than the gateway waits for this service. */
const testMsMax = 8_000;

export const assistantResolvers: graphql.Resolvers = {
  Query: {
    assistant: (_, _args, { app: { runtime }, request }) => {
      const { tenantId } = signedIn(request);
      return runtime.db.forTenant(tenantId, (trx) => readAssistant(trx, tenantId));
    },
    assistantUsage: (_, { from, to }, { app: { runtime }, request }) => {
      const { tenantId } = signedInAs(request, 'supervisor', 'admin');
      if (to.getTime() - from.getTime() > usageDaysMax * 86_400_000)
        throw new GraphQLError(`from and to are more than ${usageDaysMax} days apart`, {
          extensions: { code: 'BAD_USER_INPUT' },
        });
      return runtime.db.forTenant(tenantId, (trx) => usageBetween(trx, tenantId, { from, to }));
    },
  },
  Mutation: {
    connectAssistant: async (_, { input }, { app: { runtime, translation, assistant, nudgeClassifier }, request }) => {
      signedInAs(request, 'admin');
      const checked = checkConnection(connectionIn(input), translation.allowPrivateAddresses);
      const outcome = checked.ok
        ? await runtime.commands.asked(request, 'connectAssistant', (call) =>
            connectAssistant(assistant, call, checked.value),
          )
        : checked;
      nudgeClassifier();
      return toPayload('assistant', outcome);
    },
    disconnectAssistant: async (_, _args, { app: { runtime }, request }) => {
      signedInAs(request, 'admin');
      return toPayload(
        'assistant',
        await runtime.commands.asked(request, 'disconnectAssistant', (call) => disconnectAssistant(call)),
      );
    },
    testAssistant: async (_, _args, { app: { runtime, assistant }, request }) => {
      const caller = signedInAs(request, 'admin');
      const limited = refuseLimited(caller);
      if (limited !== null) return { result: null, errors: [...limited.errors] };
      const { tenantId } = caller;
      const result = await tryAssistant(assistant, tenantId, AbortSignal.timeout(testMsMax));
      return toPayload(
        'result',
        await runtime.commands.asked(request, 'testAssistant', (call) => noteTest(call, result)),
      );
    },
  },
  Assistant: {
    baseUrl: (row) => row.base_url,
    hasApiKey: (row) => row.sealed_key !== null,
    purposes: (row) => row.purposes.map((purpose) => toEnum(purpose)),
    price: (row) => {
      const price = priceOf(row);
      if (price === null) return null;
      return { currency: price.currency, inputPerMillion: price.input, outputPerMillion: price.output };
    },
    tokensPerMonthMax: (row) => row.tokens_per_month_max,
    costPerMonthMax: (row) => row.cost_per_month_max,
    tokensThisMonth: async (_row, _, { assistantUse }) => (await assistantUse()).tokens,
    costThisMonth: async (row, _, { assistantUse }) =>
      row.currency === null ? null : (await assistantUse()).micros / 1_000_000,
    budgetShare: async (row, _, { assistantUse }) => Math.min(1, shareOf(limitsOf(row), await assistantUse())),
    state: async (row, _, { app: { assistant }, assistantUse }) => {
      if (shareOf(limitsOf(row), await assistantUse()) >= 1) return 'OVER_BUDGET';
      return assistant.breaker.pausedUntil(engineOf(row)) === null ? 'READY' : 'PAUSED';
    },
    pausedUntil: (row, _, { app: { assistant } }) => assistant.breaker.pausedUntil(engineOf(row)),
    connectedAt: (row) => row.connected_at,
  },
  AssistantUsage: {
    spending: ({ purpose }) => toEnum(purpose),
    lastFailure: ({ last_failure: failure }) => (failure === null ? null : toEnum(failure)),
    inputTokens: (row) => row.input_tokens,
    outputTokens: (row) => row.output_tokens,
    cost: (row) => Number(row.cost_micros) / 1_000_000,
  },
  AssistantTest: {
    isWorking: ({ failure }) => failure === null,
    failure: ({ failure }) => (failure === null ? null : toEnum(failure)),
  },
};

function connectionIn(input: graphql.ConnectAssistantInput): Connection {
  const { baseUrl, model, apiKey = null, tokensPerMonthMax = null, costPerMonthMax = null, price = null } = input;
  return {
    ...{ baseUrl, model, apiKey },
    purposes: input.purposes.map((purpose) => fromEnum(purposes, purpose)),
    limits: { tokens: tokensPerMonthMax, cost: costPerMonthMax },
    price:
      price === null
        ? null
        : { currency: price.currency, input: price.inputPerMillion, output: price.outputPerMillion },
  };
}
