import { minorDigitsOf, parseId, type TierRunId } from '@crossdesk/contracts';
import {
  connectionOf,
  decodeKeyset,
  encodeKeyset,
  inputId,
  pageSize,
  signedIn,
  signedInAs,
  toEnum,
  toPayload,
} from '@crossdesk/service-kit';
import type { GraphqlContext } from '../../graphql-context.ts';
import type * as graphql from '../../graphql.generated.ts';
import type { StatsRow } from './tier-shown.store.ts';
import { applyTierRun, recomputeSegments } from './tier-run.commands.ts';
import { countMoves, type DifferenceRow, readDifferences, readRuns } from './tier-run.store.ts';
import type { TierModel } from './tier-model.domain.ts';
import { type ModelInForce, readModelInForce } from './tier-model.store.ts';

const money = (amountMinor: string | number | bigint, currency: string) => ({
  amountMinor: String(amountMinor),
  currency,
});

function shownModel({ model, version }: ModelInForce): graphql.TierModel {
  const { tiers, recencyDays, frequencyCounts, monetaryAmounts, currency } = model;
  return {
    ...{ version, currency, recencyDays: [...recencyDays], frequencyCounts: [...frequencyCounts] },
    ...{ monetaryAmounts: [...monetaryAmounts], tiers: tiers.map((tier) => ({ ...tier })) },
  };
}

function modelIn({ tiers, ...limits }: graphql.TierModelInput): TierModel {
  return {
    ...limits,
    tiers: tiers.map(({ name, recencyMin, frequencyMin, monetaryMin }) => ({
      ...{ name, recencyMin: recencyMin ?? 1, frequencyMin: frequencyMin ?? 1, monetaryMin: monetaryMin ?? 1 },
    })),
  };
}

export const tierResolvers: graphql.Resolvers<GraphqlContext> = {
  Query: {
    tierModel: async (_, __, { request, app: { runtime } }) => {
      const { tenantId } = signedIn(request);
      return shownModel(await runtime.db.forTenant(tenantId, (trx) => readModelInForce(trx, tenantId)));
    },
    tierRun: async (_, { id }, { request, app: { runtime } }) => {
      const { tenantId } = signedInAs(request, 'supervisor', 'admin');
      const runId = parseId<TierRunId>(id);
      if (runId === null) return null;
      return (await runtime.db.forTenant(tenantId, (trx) => readRuns(trx, tenantId, [runId]))).get(runId) ?? null;
    },
  },
  Mutation: {
    recomputeSegments: async (_, { input }, { request, app: { runtime, nudgeStats } }) => {
      const wish = { model: input.model ? modelIn(input.model) : null, cutPoints: input.cutPoints ?? 'KEEP' };
      const outcome = await runtime.commands.asked(request, 'recomputeSegments', (call) =>
        recomputeSegments(runtime, call, wish),
      );
      nudgeStats();
      return toPayload('run', outcome);
    },
    applyTierRun: async (_, { input }, { request, app: { runtime, nudgeStats } }) => {
      const runId = inputId<TierRunId>(input.runId);
      const outcome = await runtime.commands.asked(request, 'applyTierRun', (call) =>
        applyTierRun(runtime, call, runId),
      );
      nudgeStats();
      return toPayload('run', outcome);
    },
  },
  Customer: {
    tier: async ({ id }, _, { loaders }) => (await loaders.stats.load(id))?.tier ?? null,
    tierHistory: ({ id }, _, { loaders }) => loaders.tierHistoryOf.load(id),
    spend: async ({ id }, _, { loaders }) => {
      const stats = await loaders.stats.load(id);
      return stats === null || stats.currency === null || stats.order_count === 0
        ? null
        : spendOf(stats, stats.currency);
    },
  },
  TierChange: {
    from: ({ from_tier: from }) => from,
    to: ({ to_tier: to }) => to,
    cause: ({ cause }) => toEnum(cause),
    modelVersion: ({ model_version: version }) => version,
    scores: ({ recency, frequency, monetary }) => [recency, frequency, monetary].filter((score) => score !== null),
    at: ({ changed_at: at }) => at,
  },
  TierRun: {
    state: ({ state }) => toEnum(state),
    model: ({ model, baseVersion }) => shownModel({ model, version: baseVersion + 1 }),
    askedBy: ({ askedBy }) => ({ id: askedBy }),
    moves: (run, _, { app: { runtime } }) => runtime.db.forTenant(run.tenantId, (trx) => countMoves(trx, run)),
    changes: async (run, args, { app: { runtime } }) => {
      const first = pageSize(args.first);
      const page = { first, after: decodeKeyset(args.after) };
      const rows = await runtime.db.forTenant(run.tenantId, (trx) => readDifferences(trx, run, page));
      const cursorOf = ({ id }: DifferenceRow) => encodeKeyset({ at: run.askedAt, id });
      return connectionOf(rows, { first, after: args.after }, cursorOf, (row) => row);
    },
  },
  TierDifference: {
    customer: ({ id }, _, { loaders }) => loaders.customers.load(id),
    from: ({ from_tier: from }) => from,
    to: ({ to_tier: to }) => to,
  },
};

function spendOf(stats: StatsRow, currency: string) {
  return {
    total: money(stats.spent_minor, currency),
    lastYear: money(stats.year_spent_minor, currency),
    // What was stored before a currency was known stays as it is.
    unconverted: stats.unconverted.filter((one) => minorDigitsOf(one.currency) !== null).map((one) => ({ ...one })),
    ratesFrom: stats.rates_from,
    orderCount: stats.order_count,
    lastYearOrderCount: stats.year_order_count,
    firstOrderAt: stats.first_order_at,
    lastOrderAt: stats.last_order_at,
    recency: stats.recency,
    frequency: stats.frequency,
    monetary: stats.monetary,
  };
}
