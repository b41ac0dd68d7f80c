import { plainOpNames, shownCondition, writtenCondition } from '@crossdesk/condition';
import { parseId, type SegmentId } from '@crossdesk/contracts';
import {
  connectionOf,
  counted,
  countMax,
  countResolvers,
  countRows,
  decodeKeyset,
  encodeKeyset,
  inputId,
  pageSize,
  signedIn,
  signedInAs,
  toPayload,
} from '@crossdesk/service-kit';
import { GraphQLError } from 'graphql';
import { sql } from 'kysely';
import type { CustomerRow } from '../../crm.loaders.ts';
import type { GraphqlContext } from '../../graphql-context.ts';
import type * as graphql from '../../graphql.generated.ts';
import { readModelInForce } from '../tier/tier-model.store.ts';
import { type CustomerCondition, readCustomerCondition } from './customer-field.domain.ts';
import { seesAll } from '../stats/sees-all.ts';
import { deleteSegment, saveSegment } from './segment.commands.ts';
import { customersIn, type CustomerScope, listCustomers, readSegments } from './segment.store.ts';

const textCharactersMax = 100;

interface PageArgs {
  readonly first: number;
  readonly after?: string | null | undefined;
}

/** A page of the customers of a scope. */
async function pageOf(
  { condition, text }: Pick<CustomerScope, 'condition' | 'text'>,
  args: PageArgs,
  { request, app: { runtime } }: GraphqlContext,
) {
  const { tenantId } = signedIn(request);
  // To a role of some stores, orders and spend of all stores are unknown, and nobody would be who they are.
  if (condition !== null && !seesAll(request)) throw onlyForAll();
  const first = pageSize(args.first);
  const after = decodeKeyset(args.after);
  const { rows, scope } = await runtime.db.forTenant(tenantId, async (trx) => {
    const { model } = await readModelInForce(trx, tenantId);
    const asked = { tenantId, condition, text, currency: model.currency, now: runtime.clock.now() };
    return { scope: asked, rows: await listCustomers(trx, asked, { first, after }) };
  });
  const cursorOf = ({ id, first_seen_at: at }: CustomerRow) => encodeKeyset({ at, id });
  const page = connectionOf(rows, { first, after: args.after }, cursorOf, (row) => row);
  return counted(page, () =>
    runtime.db.forTenant(tenantId, (trx) => countRows(trx, sql`select 1 ${customersIn(scope)}`)),
  );
}

function onlyForAll(): GraphQLError {
  const message =
    'Your role is limited to some stores; conditions and segments compare what was bought in all of them.';
  return new GraphQLError(message, { extensions: { code: 'FORBIDDEN' } });
}

/** The condition of a filter or preview. @throws GraphQLError BAD_USER_INPUT */
function conditionOf(written: graphql.CustomerConditionInput, path: readonly string[]): CustomerCondition {
  const read = readCustomerCondition(writtenCondition(written), path);
  if (read.ok) return read.value;
  const problems = read.errors.map((problem) => `${problem.path.join('.')}: ${problem.message}`);
  throw new GraphQLError(problems.join(' '), { extensions: { code: 'BAD_USER_INPUT' } });
}

export const segmentResolvers: graphql.Resolvers<GraphqlContext> = {
  Query: {
    customers: async (_, { filter, ...args }, ctx) => {
      const own = filter?.condition ? [conditionOf(filter.condition, ['filter', 'condition'])] : [];
      const text = (filter?.text ?? '').slice(0, textCharactersMax).trim();
      const segmentId = typeof filter?.segmentId === 'string' ? parseId<SegmentId>(filter.segmentId) : undefined;
      const { tenantId } = signedIn(ctx.request);
      const segments = await ctx.app.runtime.db.forTenant(tenantId, (trx) => readSegments(trx, tenantId));
      const segment = segments.find(({ id }) => id === segmentId);
      // A segment that is not there has nobody.
      const ofSegment: CustomerCondition[] =
        segmentId === undefined ? [] : [segment?.condition ?? { kind: 'any', of: [] }];
      const of = [...own, ...ofSegment];
      return pageOf({ condition: of.length === 0 ? null : { kind: 'all', of }, text }, args, ctx);
    },
    segments: (_, __, { request, app: { runtime } }) => {
      const { tenantId } = signedIn(request);
      return runtime.db.forTenant(tenantId, (trx) => readSegments(trx, tenantId));
    },
    segmentPreview: async (_, { condition }, ctx) => {
      signedInAs(ctx.request, 'supervisor', 'admin');
      const page = await pageOf({ condition: conditionOf(condition, ['condition']), text: '' }, { first: 10 }, ctx);
      const count = await page.count();
      return {
        ...{ count: Math.min(count, countMax), isCountExact: count <= countMax },
        sample: page.edges.map(({ node }) => node),
      };
    },
  },
  Mutation: {
    upsertSegment: async (_, { input }, { request, app: { runtime } }) => {
      const wish = {
        segmentId: typeof input.segmentId === 'string' ? inputId<SegmentId>(input.segmentId) : null,
        ...{ expectedVersion: input.expectedVersion ?? null, name: input.name },
        condition: writtenCondition(input.condition),
      };
      const outcome = await runtime.commands.asked(request, 'upsertSegment', (call) =>
        saveSegment(runtime, call, wish),
      );
      return toPayload('segment', outcome);
    },
    deleteSegment: async (_, { input }, { request, app: { runtime } }) => {
      const segmentId = inputId<SegmentId>(input.segmentId);
      const outcome = await runtime.commands.asked(request, 'deleteSegment', (call) =>
        deleteSegment(runtime, call, segmentId),
      );
      return toPayload('segment', outcome);
    },
  },
  CustomerConnection: countResolvers,
  Segment: {
    condition: ({ condition }) => shownCondition(condition, plainOpNames),
    updatedBy: ({ updatedBy }) => ({ id: updatedBy }),
    customers: ({ condition }, args, ctx) => pageOf({ condition, text: '' }, args, ctx),
  },
};
