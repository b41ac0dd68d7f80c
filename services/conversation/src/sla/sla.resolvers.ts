import { dueTime, wallClock } from '@crossdesk/business-time';
import { channels, fromChannelName, toChannelName } from '@crossdesk/channels';
import { type CalendarId, type ChannelAccountId, parseId, type SlaPolicyId } from '@crossdesk/contracts';
import { fromEnum, inputId, signedIn, signedInAs, toEnum, toPayload, withPresent } from '@crossdesk/service-kit';
import { GraphQLError } from 'graphql';
import { calendarsByIds } from '../calendar/calendar.store.ts';
import { isRunning } from '../clock/clock.domain.ts';
import { metrics, type PolicyContent } from '../clock/policy.domain.ts';
import { defaultDeadline, timesOf } from '../clock/standards.ts';
import { clocksOfConversations } from '../clock/state.store.ts';
import { conversationPriorities, enquiryTypes } from '../conversation/conversation.domain.ts';
import { wishOf } from '../customer-mark/customer-mark.domain.ts';
import type * as graphql from '../graphql.generated.ts';
import type { GraphqlContext } from '../graphql-context.ts';
import { refuseStoreIds } from '../store-ids.ts';
import { saveSlaPolicy, setPlatformDeadline } from './policy.commands.ts';
import { deadlinesOf, policiesByIds, policiesOf, policyVersion } from './policy.store.ts';

export const slaResolvers: graphql.Resolvers<GraphqlContext> = {
  Query: {
    slaPolicies: (_, _args, { app: { runtime }, request }) => {
      const { tenantId } = signedIn(request);
      return runtime.db.forTenant(tenantId, (trx) => policiesOf(trx, tenantId));
    },
    slaPolicyVersion: async (_, { id, version }, { app: { runtime }, request }) => {
      const { tenantId } = signedIn(request);
      const policyId = parseId<SlaPolicyId>(id);
      if (policyId === null) return null;
      const content = await runtime.db.forTenant(tenantId, (trx) => policyVersion(trx, tenantId, policyId, version));
      return content === null ? null : { ...content, targets: content.targets.map(shownTarget) };
    },
    platformDeadlines: async (_, _args, { app: { runtime }, request }) => {
      const { tenantId } = signedIn(request);
      const set = await runtime.db.forTenant(tenantId, (trx) => deadlinesOf(trx, tenantId));
      return channels.map((channel) => {
        const minutes = set.get(channel);
        return shownDeadline(channel, minutes === undefined ? defaultDeadline(channel) : minutes);
      });
    },
    previewSla: async (_, { input }, { request, loaders }) => {
      signedIn(request);
      const id = typeof input.calendarId === 'string' ? parseId<CalendarId>(input.calendarId) : null;
      const calendar = id === null ? null : await loaders.load(calendarsByIds, id);
      if (calendar === null && typeof input.calendarId === 'string')
        throw badInput('calendarId: there is no calendar with this id, take one from calendars');
      return preview(calendar === null ? wallClock : timesOf(calendar), input);
    },
  },
  Mutation: {
    saveSlaPolicy: async (_, { input }, { app: { runtime }, request, loaders }) => {
      signedInAs(request, 'supervisor', 'admin');
      const policyId = typeof input.policyId === 'string' ? inputId<SlaPolicyId>(input.policyId) : null;
      const place = input.position ?? null;
      const wish = { policyId, expectedVersion: input.expectedVersion ?? 0, place, content: contentOf(input) };
      const outcome =
        refuseStoreIds('accountIds', input.accountIds) ??
        (await runtime.commands.asked(request, 'saveSlaPolicy', (call) => saveSlaPolicy(runtime, call, wish)));
      const present = async () => (policyId === null ? null : loaders.load(policiesByIds, policyId));
      return toPayload('policy', await withPresent(outcome, present));
    },
    setPlatformDeadline: async (_, { input }, { app: { runtime }, request }) => {
      signedInAs(request, 'admin');
      const wish = { channel: fromChannelName(input.channel), minutes: input.minutes ?? null };
      const outcome = await runtime.commands.asked(request, 'setPlatformDeadline', (call) =>
        setPlatformDeadline(runtime, call, wish),
      );
      if (!outcome.ok) return { deadline: null, errors: [...outcome.errors] };
      return { deadline: shownDeadline(wish.channel, wish.minutes), errors: [] };
    },
  },
  Conversation: {
    clocks: async ({ id }, _, { loaders }) => (await loaders.load(clocksOfConversations, id)) ?? [],
  },
  SlaPolicy: {
    calendar: ({ calendarId }, _, { loaders }) =>
      calendarId === null ? null : loaders.load(calendarsByIds, calendarId),
    accountIds: ({ accountIds }) => (accountIds === null ? null : [...accountIds]),
    channels: ({ channels: names }) => names?.map(toChannelName) ?? null,
    priorities: ({ priorities }) => priorities?.map((priority) => toEnum(priority)) ?? null,
    enquiryTypes: ({ enquiryTypes: types }) =>
      types === null ? null : enquiryTypes.filter((type) => types.includes(type)).map((type) => toEnum(type)),
    customerTags: ({ customerTags }) => customerTags?.slice() ?? null,
    customerTiers: ({ customerTiers }) => customerTiers?.slice() ?? null,
    targets: ({ targets }) => targets.map(shownTarget),
  },
  SlaClock: {
    metric: ({ metric }) => toEnum(metric),
    origin: ({ origin }) => toEnum(origin),
    state: (clock) => {
      if (!isRunning(clock)) return clock.metAt === null ? 'CANCELLED' : 'MET';
      return clock.pauses.at(-1)?.until === null ? 'PAUSED' : 'RUNNING';
    },
    policy: ({ policyId }, _, { loaders }) => (policyId === null ? null : loaders.load(policiesByIds, policyId)),
  },
};

function shownTarget({ metric, priority, minutes }: PolicyContent['targets'][number]) {
  return { metric: toEnum(metric), priority: priority === null ? null : toEnum(priority), minutes };
}

function shownDeadline(channel: string, minutes: number | null) {
  return { channel: toChannelName(channel), minutes, defaultMinutes: defaultDeadline(channel) };
}

const pausesMax = 100;
const previewMinutesMax = 129_600;

/** @throws GraphQLError BAD_USER_INPUT */
function preview(times: typeof wallClock, input: graphql.PreviewSlaInput) {
  const warnPercent = input.warnPercent ?? 75;
  if (input.minutes < 1 || input.minutes > previewMinutesMax)
    throw badInput(`minutes must be from 1 to ${previewMinutesMax}`);
  if (warnPercent < 1 || warnPercent > 99) throw badInput('warnPercent must be from 1 to 99');
  if ((input.pauses ?? []).length > pausesMax) throw badInput(`pauses must be at most ${pausesMax}`);
  const budgetMs = input.minutes * 60_000;
  const pauses = (input.pauses ?? []).map(({ from, until }) => ({ from, until: until ?? null }));
  const started = { startedAt: input.startedAt, pauses };
  return {
    warnAt: dueTime(times, started, Math.round((budgetMs * warnPercent) / 100)),
    dueAt: dueTime(times, started, budgetMs),
  };
}

function badInput(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });
}

function contentOf(input: graphql.SaveSlaPolicyInput): PolicyContent {
  return {
    name: input.name.trim(),
    isActive: input.isActive ?? true,
    calendarId: typeof input.calendarId === 'string' ? inputId<CalendarId>(input.calendarId) : null,
    warnPercent: input.warnPercent ?? 75,
    accountIds: input.accountIds?.map((id) => inputId<ChannelAccountId>(id)) ?? null,
    channels: input.channels?.map(fromChannelName) ?? null,
    priorities: input.priorities?.map((priority) => fromEnum(conversationPriorities, priority)) ?? null,
    enquiryTypes: input.enquiryTypes?.map((type) => fromEnum(enquiryTypes, type)) ?? null,
    ...wishOf(input),
    targets: input.targets.map(({ metric, priority, minutes }) => ({
      metric: fromEnum(metrics, metric),
      priority: typeof priority === 'string' ? fromEnum(conversationPriorities, priority) : null,
      minutes,
    })),
  };
}
