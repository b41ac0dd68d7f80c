import { type AgentId, type BulkJobId, type ConversationId, parseId } from '@crossdesk/contracts';
import {
  connectionOf,
  counted,
  countResolvers,
  decodeKeyset,
  encodeKeyset,
  fromEnum,
  inputId,
  pageSize,
  signedIn,
  signedInAs,
  toEnum,
  toPayload,
} from '@crossdesk/service-kit';
import { agentsByIds } from '../agent/agent.store.ts';
import { filterOf } from '../conversation/conversation.resolvers.ts';
import { conversationsByIds } from '../conversation/conversation.store.ts';
import type * as graphql from '../graphql.generated.ts';
import type { GraphqlContext } from '../graphql-context.ts';
import { wishedIn } from '../work-action/work-action.resolvers.ts';
import { countItems, listItems } from './bulk-item.store.ts';
import { controlBulkJob, createBulkJob } from './bulk-job.commands.ts';
import { bulkControls, bulkOutcomes, countsOf, sumOf } from './bulk-job.domain.ts';
import { countJobs, jobsByIds, listJobs } from './bulk-job.store.ts';
import { decodeSeq, encodeSeq } from './item-cursor.ts';
import { itemTexts, type ShownItem } from './item-text.ts';

export const bulkResolvers: graphql.Resolvers<GraphqlContext> = {
  Query: {
    bulkJob: (_, { id: text }, { request, loaders }) => {
      signedInAs(request, 'supervisor', 'admin');
      const id = parseId<BulkJobId>(text);
      return id === null ? null : loaders.load(jobsByIds, id);
    },
    bulkJobs: async (_, { first: asked, after }, { app, request }) => {
      const { tenantId } = signedInAs(request, 'supervisor', 'admin');
      const { db } = app.runtime;
      const first = pageSize(asked);
      const page = { first, after: decodeKeyset(after)?.id ?? null };
      const found = await db.forTenant(tenantId, (trx) => listJobs(trx, tenantId, page));
      const shown = connectionOf(
        found,
        { first, after },
        ({ createdAt, id }) => encodeKeyset({ at: createdAt, id }),
        (job) => job,
      );
      return counted(shown, () => db.forTenant(tenantId, (trx) => countJobs(trx, tenantId)));
    },
  },
  Mutation: {
    createBulkJob: async (_, { input }, { app: { runtime, nudgeBulk }, request }) => {
      const { agentId } = signedInAs(request, 'supervisor', 'admin');
      const { clientMutationId, action } = input;
      const wish = { clientMutationId, action: wishedIn(action), targets: targetsIn(input, agentId) };
      const outcome = await runtime.commands.asked(request, 'createBulkJob', (call) =>
        createBulkJob(runtime, call, wish),
      );
      nudgeBulk();
      return toPayload('job', outcome);
    },
    controlBulkJob: async (_, { input }, { app: { runtime, nudgeBulk }, request }) => {
      signedInAs(request, 'supervisor', 'admin');
      const wish = { jobId: inputId<BulkJobId>(input.jobId), action: fromEnum(bulkControls, input.action) };
      const outcome = await runtime.commands.asked(request, 'controlBulkJob', (call) =>
        controlBulkJob(runtime, call, wish),
      );
      nudgeBulk();
      return toPayload('job', outcome);
    },
  },
  BulkJob: {
    state: ({ state }) => toEnum(state),
    checkedCount: ({ expected }) => sumOf(expected),
    settledCount: ({ settled }) => sumOf(settled),
    expected: ({ expected }) => countsOf(expected),
    outcomes: ({ settled }) => countsOf(settled),
    createdBy: ({ agentId }, _, { loaders }) => loaders.load(agentsByIds, agentId),
    items: async (job, { first: asked, after, expected, outcomes }, { app, request }) => {
      const { tenantId } = signedIn(request);
      const { db } = app.runtime;
      const first = pageSize(asked);
      const filter = { expected: outcomesIn(expected), outcomes: outcomesIn(outcomes) };
      const page = { filter, first, afterSeq: decodeSeq(after) };
      const shown = await db.forTenant(tenantId, async (trx) => {
        const rows = await listItems(trx, job, page);
        const texts = await itemTexts(trx, job, rows);
        return rows.map((row): ShownItem => ({ ...row, text: texts.get(row.conversation_id) ?? null }));
      });
      const connection = connectionOf(
        shown,
        { first, after },
        ({ seq }) => encodeSeq(seq),
        (row) => row,
      );
      return counted(connection, () => db.forTenant(tenantId, (trx) => countItems(trx, job, filter)));
    },
  },
  BulkJobConnection: countResolvers,
  BulkItemConnection: countResolvers,
  BulkCount: { outcome: ({ outcome }) => toEnum(outcome) },
  BulkItem: {
    conversation: ({ conversation_id: id }, _, { loaders }) => loaders.load(conversationsByIds, id),
    expected: ({ expected }) => (expected === null ? null : toEnum(expected)),
    expectedCode: ({ expected_code: code }) => code,
    outcome: ({ outcome }) => (outcome === null ? null : toEnum(outcome)),
  },
};

function targetsIn({ conversationIds, filter }: graphql.CreateBulkJobInput, me: AgentId) {
  if (conversationIds && !filter) return conversationIds.map((text) => inputId<ConversationId>(text));
  return filter && !conversationIds ? filterOf(filter, me) : null;
}

function outcomesIn(words: readonly graphql.BulkOutcome[] | null | undefined) {
  return words?.map((word) => fromEnum(bulkOutcomes, word)) ?? null;
}
