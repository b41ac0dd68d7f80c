import type { AgentId } from '@crossdesk/contracts';
import { accept, inputId, signedIn, toPayload } from '@crossdesk/service-kit';
import { signedInPayload } from '../agent/signed-in-payload.ts';
import type * as graphql from '../graphql.generated.ts';
import type { GraphqlContext } from '../graphql-context.ts';
import { completeSignIn, disableOwn, settingUp } from './complete-sign-in.ts';
import {
  beginSecondFactor,
  confirmSecondFactor,
  requireSecondFactor,
  resetSecondFactor,
} from './second-factor.commands.ts';
import { countUnusedCodes, factorsByIds, findFactor, isFactorRequired } from './second-factor.store.ts';

export const secondFactorResolvers: graphql.Resolvers<GraphqlContext> = {
  Query: {
    mySecondFactor: (_, _args, { app: { runtime }, request }) => {
      const { kind, tenantId, agentId } = signedIn(request);
      if (kind !== 'agent') return null;
      return runtime.db.forTenant(tenantId, async (trx) => ({
        confirmedAt: (await findFactor(trx, tenantId, agentId))?.confirmedAt ?? null,
        recoveryCodesLeft: await countUnusedCodes(trx, tenantId, agentId),
        isRequired: await isFactorRequired(trx, tenantId),
      }));
    },
  },
  Mutation: {
    completeSignIn: async (_, { input }, { app, request }) =>
      signedInPayload(await completeSignIn(app.runtime, request, input), app, request),
    beginSecondFactor: async (_, { input }, { app: { runtime }, request }) => {
      const step = { challenge: input.challenge ?? null, action: 'beginSecondFactor' };
      const outcome = await settingUp(runtime, request, step, (call) => beginSecondFactor(runtime, call));
      return outcome.ok
        ? { ...outcome.value, errors: [] }
        : { secret: null, otpauthUri: null, errors: [...outcome.errors] };
    },
    confirmSecondFactor: async (_, { input }, { app, request }) => {
      const step = { challenge: input.challenge ?? null, action: 'confirmSecondFactor' };
      const outcome = await settingUp(app.runtime, request, step, (call) =>
        confirmSecondFactor(app.runtime, call, input.code),
      );
      if (!outcome.ok) return { recoveryCodes: null, signedIn: null, errors: [...outcome.errors] };
      const { person, recoveryCodes } = outcome.value;
      const signedIn = step.challenge === null ? null : await signedInPayload(accept(person), app, request);
      return { recoveryCodes, signedIn, errors: [] };
    },
    disableSecondFactor: async (_, { input }, { app: { runtime }, request }) =>
      toPayload('agent', await disableOwn(runtime, request, input.code)),
    resetSecondFactor: async (_, { input }, { app: { runtime }, request }) => {
      const id = inputId<AgentId>(input.agentId);
      const outcome = await runtime.commands.asked(request, 'resetSecondFactor', (call) =>
        resetSecondFactor(runtime, call, id),
      );
      return toPayload('agent', outcome);
    },
    requireSecondFactor: async (_, { input }, { app: { runtime }, request }) => {
      const outcome = await runtime.commands.asked(request, 'requireSecondFactor', (call) =>
        requireSecondFactor(runtime, call, input.isRequired),
      );
      return toPayload('isRequired', outcome);
    },
  },
  Agent: {
    hasSecondFactor: async ({ id }, _, { loaders, request: { caller } }) => {
      if (caller.kind === 'anonymous' || (caller.agentId !== id && caller.role !== 'admin')) return null;
      const factor = await loaders.load(factorsByIds, id);
      return factor !== null && factor.confirmedAt !== null;
    },
  },
};
