import { plainOpNames, shownCondition, writtenCondition } from '@crossdesk/condition';
import { type CampaignId, type ChannelAccountId, parseId, type SegmentId } from '@crossdesk/contracts';
import {
  connectionOf,
  decodeKeyset,
  encodeKeyset,
  fromEnum,
  inputId,
  pageSize,
  signedInAs,
  toEnum,
  toPayload,
} from '@crossdesk/service-kit';
import { GraphQLError } from 'graphql';
import { purposes } from '../consent/consent.domain.ts';
import type { Resolvers } from '../graphql.generated.ts';
import type { GraphqlContext } from '../graphql-context.ts';
import type * as graphql from '../graphql.generated.ts';
import { stepCampaign, upsertCampaign } from './campaign.commands.ts';
import type { Campaign, Step } from './campaign.domain.ts';
import { numbersOf } from './campaign.events.ts';
import { armsOf, listCampaigns, readCampaign, tallyOf } from './campaign.store.ts';
import { dryRun } from './dry-run.ts';

const withinDaysMax = 90;

export const campaignResolvers: Resolvers = {
  Query: {
    campaign: (_, { id }, context) => campaignById(id, context),
    campaigns: async (_, args, { request, app: { runtime } }) => {
      const { tenantId } = signedInAs(request, 'supervisor', 'admin');
      const page = { first: pageSize(args.first), after: decodeKeyset(args.after) };
      const rows = await runtime.db.forTenant(tenantId, (trx) => listCampaigns(trx, tenantId, page));
      const cursorOf = ({ updatedAt: at, id }: Campaign) => encodeKeyset({ at, id });
      return connectionOf(rows, { first: page.first, after: args.after }, cursorOf, (row) => row);
    },
    campaignDryRun: async (_, { campaignId }, context) => {
      const campaign = await campaignById(campaignId, context);
      if (campaign === null) return null;
      const { runtime, suppressionKey } = context.app;
      const run = await runtime.db.forTenant(campaign.tenantId, (trx) =>
        dryRun({ ...runtime, suppressionKey }, trx, campaign),
      );
      return { ...run, verdicts: [...run.verdicts], sample: [...run.sample] };
    },
  },
  Mutation: {
    upsertCampaign: async (_, { input }, { request, app: { runtime } }) => {
      const wish = {
        campaignId: idIn<CampaignId>(input.campaignId),
        ...{ expectedVersion: input.expectedVersion ?? null, name: input.name },
        purpose: fromEnum(purposes, input.purpose),
        segmentId: idIn<SegmentId>(input.segmentId),
        condition: input.condition ? writtenCondition(input.condition) : null,
        accountId: idIn<ChannelAccountId>(input.accountId),
        ...{ texts: input.texts, holdOutShare: input.holdOutShare ?? 500, validHours: input.validHours ?? 72 },
      };
      const outcome = await runtime.commands.asked(request, 'upsertCampaign', (call) =>
        upsertCampaign(runtime, call, wish),
      );
      return toPayload('campaign', outcome);
    },
    launchCampaign: (_, { input }, context) => step('launch', 'launchCampaign', input, context),
    pauseCampaign: (_, { input }, context) => step('pause', 'pauseCampaign', input, context),
    resumeCampaign: (_, { input }, context) => step('resume', 'resumeCampaign', input, context),
    cancelCampaign: (_, { input }, context) => step('cancel', 'cancelCampaign', input, context),
  },
  Campaign: {
    purpose: ({ purpose }) => toEnum(purpose),
    condition: ({ condition }) => shownCondition(condition, plainOpNames),
    account: ({ accountId: id }) => (id === null ? null : { id }),
    texts: ({ texts }) => [...texts],
    state: ({ state }) => toEnum(state),
    updatedBy: ({ updatedBy: id }) => ({ id }),
    launchedBy: ({ launchedBy: id }) => (id === null ? null : { id }),
    progress: async (campaign, _, { app: { runtime } }) => {
      const tallies = await runtime.db.forTenant(campaign.tenantId, (trx) => tallyOf(trx, campaign));
      const { planned, sent, failed, heldOut, suppressed } = numbersOf(tallies);
      const known = tallies.reduce((sum, { count }) => sum + count, 0);
      return {
        ...{ memberCount: campaign.memberCount, isFrozen: campaign.isFrozen },
        plannedCount: planned + Math.max(0, campaign.memberCount - known),
        ...{ sentCount: sent, failedCount: failed, heldOutCount: heldOut, suppressed: [...suppressed] },
      };
    },
    arms: async (campaign, { withinDays }, { app: { runtime } }) => {
      if (withinDays < 1 || withinDays > withinDaysMax)
        throw new GraphQLError(`withinDays: Ask for 1 to ${withinDaysMax} days.`, {
          extensions: { code: 'BAD_USER_INPUT' },
        });
      const arms = await runtime.db.forTenant(campaign.tenantId, (trx) => armsOf(trx, campaign, withinDays));
      return arms.map(({ arm, members, buyers, orders }) => ({
        ...{ arm: toEnum(arm), memberCount: members, buyerCount: buyers, orderCount: orders },
      }));
    },
  },
  CampaignSample: { customer: ({ customerId }, _, { loaders }) => loaders.customers.load(customerId) },
};

function campaignById(text: string, { request, app: { runtime } }: GraphqlContext): Promise<Campaign | null> | null {
  const { tenantId } = signedInAs(request, 'supervisor', 'admin');
  const id = parseId<CampaignId>(text);
  return id === null ? null : runtime.db.forTenant(tenantId, (trx) => readCampaign(trx, tenantId, id));
}

async function step(
  what: Step,
  mutation: `${Step}Campaign`,
  { campaignId, expectedVersion }: graphql.CampaignInput,
  { request, app: { runtime, nudgeCampaigns } }: GraphqlContext,
) {
  const input = { campaignId: inputId<CampaignId>(campaignId), expectedVersion };
  const outcome = await runtime.commands.asked(request, mutation, (call) => stepCampaign(runtime, call, what, input));
  nudgeCampaigns();
  return toPayload('campaign', outcome);
}

/** A malformed id is one of nothing. */
function idIn<Id extends string>(text: string | null | undefined): Id | null {
  return typeof text === 'string' ? inputId<Id>(text) : null;
}
