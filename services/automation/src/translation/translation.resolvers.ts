import type { ConversationId } from '@crossdesk/contracts';
import { fromEnum, inputId, signedIn, signedInAs, toEnum, toPayload } from '@crossdesk/service-kit';
import type * as graphql from '../graphql.generated.ts';
import { approveDraft } from './draft/approve-draft.commands.ts';
import { prepareDraft, recordDraft } from './draft/draft.commands.ts';
import { qualityBetween } from './draft/draft-quality.ts';
import { engineKinds } from './engines/engine.port.ts';
import { engines } from './engines/engines.ts';
import type { TranslationDraftId, TranslationProviderId } from './ids.ts';
import { matchesFor } from './memory/memory.commands.ts';
import { connectProvider, disconnectProvider } from './provider/provider.commands.ts';
import { checkProvider, type ProviderRequest } from './provider/provider.domain.ts';
import { listProviders } from './provider/provider.store.ts';

export const translationResolvers: graphql.Resolvers = {
  Query: {
    translationProviders: (_, _args, { app: { runtime }, request }) => {
      const { tenantId } = signedInAs(request, 'supervisor', 'admin');
      return runtime.db.forTenant(tenantId, (trx) => listProviders(trx, tenantId));
    },
    translationQuality: (_, locales, { app: { runtime }, request }) => {
      const { tenantId } = signedIn(request);
      return qualityBetween(runtime, tenantId, locales);
    },
  },
  Mutation: {
    connectTranslationProvider: async (_, { input }, { app: { runtime, translation }, request }) => {
      signedInAs(request, 'admin');
      const kind = fromEnum(engineKinds, input.kind);
      const checked = checkProvider(engines[kind].record, requestIn(input), translation.allowPrivateAddresses);
      const outcome = checked.ok
        ? await runtime.commands.asked(request, 'connectTranslationProvider', (call) =>
            connectProvider(translation.deps, call, checked.value),
          )
        : checked;
      return toPayload('provider', outcome);
    },
    disconnectTranslationProvider: async (_, { input }, { app: { runtime }, request }) => {
      signedInAs(request, 'admin');
      const id = inputId<TranslationProviderId>(input.providerId);
      const outcome = await runtime.commands.asked(request, 'disconnectTranslationProvider', (call) =>
        disconnectProvider(call, id),
      );
      return toPayload('provider', outcome);
    },
    translateDraft: async (_, { input }, { app: { runtime, translation }, request }) => {
      const { tenantId } = signedIn(request);
      const { text, sourceLocale = null, targetLocale = null } = input;
      const conversationId = inputId<ConversationId>(input.conversationId);
      const wanted = { conversationId, text, sourceLocale, targetLocale };
      const prepared = await prepareDraft(translation.deps, tenantId, wanted);
      const outcome = prepared.ok
        ? await runtime.commands.asked(request, 'translateDraft', (call) =>
            recordDraft(translation.deps, call, prepared.value),
          )
        : prepared;
      return toPayload('translation', outcome);
    },
    approveTranslation: async (_, { input }, { app: { runtime }, request }) => {
      signedIn(request);
      const wanted = { id: inputId<TranslationDraftId>(input.translationId), text: input.text };
      const outcome = await runtime.commands.asked(request, 'approveTranslation', (call) =>
        approveDraft(runtime, call, wanted),
      );
      return toPayload('translation', outcome);
    },
  },
  TranslationProvider: {
    kind: ({ kind }) => toEnum(kind),
    displayName: (row) => row.display_name,
    baseUrl: (row) => row.base_url,
    hasApiKey: (row) => row.sealed_key !== null,
    charactersPerDayMax: (row) => row.characters_per_day_max,
    connectedAt: (row) => row.connected_at,
    charactersToday: async ({ id }, _, { providerUsage }) => {
      const usage = await providerUsage.load(id);
      return (usage?.reserved_characters ?? 0) + (usage?.used_characters ?? 0);
    },
    callsToday: async ({ id }, _, { providerUsage }) => (await providerUsage.load(id))?.calls ?? 0,
    failuresToday: async ({ id }, _, { providerUsage }) => (await providerUsage.load(id))?.failures ?? 0,
    lastFailure: async ({ id }, _, { providerUsage }) => {
      const failure = (await providerUsage.load(id))?.last_failure ?? null;
      return failure === null ? null : toEnum(failure);
    },
  },
  TranslationDraft: {
    conversationId: (row) => row.conversation_id,
    sourceLocale: (row) => row.source_locale,
    targetLocale: (row) => row.target_locale,
    text: (row) => row.target,
    state: ({ state }) => toEnum(state),
    engine: ({ engine }) => (engine === null || engine === 'memory' ? null : toEnum(engine)),
    isFromMemory: ({ engine }) => engine === 'memory',
    matches: (row, _, { app: { runtime } }) => {
      const wanted = { text: row.source, source: row.source_locale, target: row.target_locale };
      return matchesFor(runtime, row.tenant_id, wanted);
    },
    approvedText: (row) => row.approved_text,
    approvedAt: (row) => row.approved_at,
    editDistance: (row) => row.edit_distance,
    findings: ({ findings }) => findings.map((finding) => ({ ...finding, code: toEnum(finding.code) })),
    attempts: ({ attempts }) => attempts.map(({ provider, failure }) => ({ provider, failure: toEnum(failure) })),
    createdAt: (row) => row.created_at,
  },
};

function requestIn(input: graphql.ConnectTranslationProviderInput): ProviderRequest {
  return {
    kind: fromEnum(engineKinds, input.kind),
    displayName: input.displayName,
    baseUrl: input.baseUrl ?? null,
    apiKey: input.apiKey ?? null,
    region: input.region ?? null,
    model: input.model ?? null,
    position: input.position ?? 0,
    charactersPerDayMax: input.charactersPerDayMax ?? null,
  };
}
