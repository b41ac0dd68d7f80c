import { parseId, type SegmentId } from '@crossdesk/contracts';
import { refuseLimited, signedInAs } from '@crossdesk/service-kit';
import { GraphQLError } from 'graphql';
import type { Resolvers } from '../graphql.generated.ts';
import { readSegments } from '../value/segment/segment.store.ts';
import { analyse, type Breakdown } from './analysis.domain.ts';
import { readAnalysisSource } from './analysis.store.ts';

export const analysisResolvers: Resolvers = {
  Query: {
    customerAnalysis: async (_, { segmentId: asked }, { request, app: { runtime } }) => {
      const caller = signedInAs(request, 'supervisor', 'admin');
      const { tenantId } = caller;
      if (refuseLimited(caller) !== null) throw onlyForAll();
      const segmentId = parseId<SegmentId>(asked);
      const found = await runtime.db.forTenant(tenantId, async (trx) => {
        const segment = (await readSegments(trx, tenantId)).find(({ id }) => id === segmentId);
        return segment === undefined
          ? null
          : { segment, source: await readAnalysisSource(trx, segment, runtime.clock.now()) };
      });
      if (found === null) return null;
      const { tiers, currency, ...analysis } = analyse(found.source);
      const money = (minor: bigint | null) => (minor === null ? null : { amountMinor: String(minor), currency });
      return {
        ...{ segment: found.segment, customers: analysis.customers },
        ...{ needs: shown(analysis.needs), regions: shown(analysis.regions) },
        ...{ channels: shown(analysis.channels), byTier: shown(analysis.byTier) },
        tiers: tiers.map(({ yearSpendMinor, clvMinor, ...tier }) => ({
          ...{ ...tier, yearSpend: money(yearSpendMinor), clv: money(clvMinor), isTooFew: clvMinor === null },
        })),
      };
    },
  },
};

function shown({ parts, ...breakdown }: Breakdown) {
  return { ...breakdown, parts: parts.map((part) => ({ ...part })) };
}

function onlyForAll(): GraphQLError {
  const message = 'Your role is limited to some stores; an analysis counts what was bought in all of them.';
  return new GraphQLError(message, { extensions: { code: 'FORBIDDEN' } });
}
