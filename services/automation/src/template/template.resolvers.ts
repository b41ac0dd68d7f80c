import { fromChannelName, toChannelName } from '@crossdesk/channels';
import { type ConversationId, parseId, type TemplateId } from '@crossdesk/contracts';
import { variableTypes } from '@crossdesk/message-template';
import {
  connectionOf,
  counted,
  countResolvers,
  decodeNamePlace,
  encodeNamePlace,
  fromEnum,
  inputId,
  pageSize,
  signedIn,
  signedInAs,
  toEnum,
  toPayload,
  withPresent,
} from '@crossdesk/service-kit';
import { type Known, knownOf } from '../recipient/known-facts.ts';
import { withGiven } from '../recipient/recipient.domain.ts';
import type * as graphql from '../graphql.generated.ts';
import { setTemplateEnabled, upsertTemplate } from './template.commands.ts';
import { readContent } from './template-input.domain.ts';
import { render, situations, type TemplateContent } from './template.domain.ts';
import { countTemplates, listTemplates, templateByKey, templatesByIds } from './template.store.ts';

export const templateResolvers: graphql.Resolvers = {
  Query: {
    template: (_, { id: text }, { request, loaders }) => {
      signedIn(request);
      const id = parseId<TemplateId>(text);
      return id === null ? null : loaders.load(templatesByIds, id);
    },
    templates: async (_, args, { app: { runtime }, request }) => {
      const { tenantId } = signedIn(request);
      const filter = {
        situations: args.filter?.situations?.map((name) => fromEnum(situations, name)) ?? null,
        isEnabled: args.filter?.isEnabled ?? null,
      };
      const first = pageSize(args.first);
      const wanted = { filter, first, after: decodeNamePlace(args.after) };
      const found = await runtime.db.forTenant(tenantId, (trx) => listTemplates(trx, tenantId, wanted));
      const page = connectionOf(found, { first, after: args.after }, encodeNamePlace, (template) => template);
      return counted(page, () => runtime.db.forTenant(tenantId, (trx) => countTemplates(trx, tenantId, filter)));
    },
    renderTemplate: async (_, { input }, { app: { runtime }, request, loaders }) => {
      const { tenantId } = signedIn(request);
      const id = parseId<TemplateId>(input.templateId);
      const template = id === null ? null : await loaders.load(templatesByIds, id);
      if (template === null) return null;
      const conversationId =
        typeof input.conversationId === 'string' ? inputId<ConversationId>(input.conversationId) : null;
      const known =
        conversationId === null
          ? null
          : await runtime.db.forTenant(tenantId, (trx) => knownOf(trx, tenantId, conversationId));
      const { recipient, values } = given(input, known);
      const { best, attempts } = render(template, recipient, values);
      return { text: best?.text ?? null, variant: best?.variant ?? null, attempts: attempts.map(shownAttempt) };
    },
  },
  Mutation: {
    upsertTemplate: async (_, { input }, { app: { runtime }, request }) => {
      const { tenantId } = signedInAs(request, 'supervisor', 'admin');
      const { key, expectedVersion } = input;
      const content = readContent(key, contentIn(input));
      const outcome = content.ok
        ? await runtime.commands.asked(request, 'upsertTemplate', (call) =>
            upsertTemplate(runtime, call, { key, expectedVersion: expectedVersion ?? null, content: content.value }),
          )
        : content;
      const read = () => runtime.db.forTenant(tenantId, (trx) => templateByKey(trx, tenantId, key));
      return toPayload('template', await withPresent(outcome, read));
    },
    setTemplateEnabled: async (_, { input }, { app: { runtime }, request, loaders }) => {
      signedInAs(request, 'supervisor', 'admin');
      const wanted = { ...input, templateId: inputId<TemplateId>(input.templateId) };
      const outcome = await runtime.commands.asked(request, 'setTemplateEnabled', (call) =>
        setTemplateEnabled(runtime, call, wanted),
      );
      return toPayload('template', await withPresent(outcome, () => loaders.load(templatesByIds, wanted.templateId)));
    },
  },
  TemplateConnection: countResolvers,
  Template: {
    __resolveReference: ({ id: text }, { request, loaders }) => {
      signedIn(request);
      const id = parseId<TemplateId>(text);
      return id === null ? null : loaders.load(templatesByIds, id);
    },
    situation: ({ situation }) => toEnum(situation),
    variables: ({ variables }) => [...variables],
    fallbackLocales: ({ fallbackLocales }) => [...fallbackLocales],
    variants: ({ variants }) => [...variants],
  },
  TemplateVariable: { type: ({ type }) => toEnum(type) },
  TemplateVariant: { channel: ({ channel }) => (channel === null ? null : toChannelName(channel)) },
};

/** What the input says, and for the rest what is known of the conversation. */
function given(input: graphql.RenderTemplateInput, known: Known | null) {
  const { locale, market, channel } = input;
  const at = known?.recipient ?? { locale: 'und', market: null, channel: null };
  const recipient = withGiven(at, { locale: locale ?? null, market: market?.toUpperCase() ?? null });
  const values = new Map((input.values ?? []).map(({ name, value }) => [name, value]));
  return {
    recipient: { ...recipient, channel: channel ? fromChannelName(channel) : recipient.channel },
    values: new Map([...(known?.values ?? []), ...values]),
  };
}

function shownAttempt(attempt: ReturnType<typeof render>['attempts'][number]) {
  return { ...attempt, variables: [...attempt.variables] };
}

function contentIn(input: graphql.UpsertTemplateInput): TemplateContent {
  return {
    name: input.name,
    situation: fromEnum(situations, input.situation),
    variables: (input.variables ?? []).map(({ name, type }) => ({ name, type: fromEnum(variableTypes, type) })),
    fallbackLocales: input.fallbackLocales ?? [],
    variants: input.variants.map(({ locale, market, channel, isEnabled, text }) => ({
      locale,
      market: market ?? null,
      channel: channel ? fromChannelName(channel) : null,
      isEnabled: isEnabled ?? true,
      text,
    })),
  };
}
