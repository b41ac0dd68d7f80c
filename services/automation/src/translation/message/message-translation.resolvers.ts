import { type MessageId, parseId } from '@crossdesk/contracts';
import { fromEnum, inputId, signedIn, signedInAs, toEnum, toPayload, withPresent } from '@crossdesk/service-kit';
import type * as graphql from '../../graphql.generated.ts';
import { changeSetting, requestTranslation } from './message-translation.commands.ts';
import { translationModes } from './message-translation.domain.ts';
import { readSetting } from './message-translation.store.ts';

export const messageTranslationResolvers: graphql.Resolvers = {
  Query: {
    translationSettings: (_, _args, { app: { runtime }, request }) => {
      const { tenantId } = signedIn(request);
      return runtime.db.forTenant(tenantId, (trx) => readSetting(trx, tenantId));
    },
  },
  Mutation: {
    setTranslationSettings: async (_, { input }, { app: { runtime }, request }) => {
      const { tenantId } = signedInAs(request, 'supervisor', 'admin');
      const { targetLocale, expectedVersion } = input;
      const change = {
        targetLocale,
        mode: fromEnum(translationModes, input.mode),
        expectedVersion: expectedVersion ?? null,
      };
      const outcome = await runtime.commands.asked(request, 'setTranslationSettings', (call) =>
        changeSetting(runtime, call, change),
      );
      const read = () => runtime.db.forTenant(tenantId, (trx) => readSetting(trx, tenantId));
      return toPayload('settings', await withPresent(outcome, read));
    },
    translateMessage: async (_, { input }, { app: { runtime, nudgeTranslator }, request }) => {
      signedIn(request);
      const wish = { messageId: inputId<MessageId>(input.messageId), targetLocale: input.targetLocale ?? null };
      const outcome = await runtime.commands.asked(request, 'translateMessage', (call) =>
        requestTranslation(runtime, call, wish),
      );
      if (outcome.ok && outcome.did !== null) nudgeTranslator();
      return toPayload('translation', outcome);
    },
  },
  Message: {
    translations: async ({ id }, _, { messageTranslations }) => {
      const messageId = parseId<MessageId>(id);
      return messageId === null ? [] : messageTranslations.load(messageId);
    },
  },
  TranslationSettings: {
    targetLocale: (row) => row.target_locale,
    mode: ({ mode }) => toEnum(mode),
    changedAt: (row) => row.changed_at,
  },
  MessageTranslation: {
    locale: (row) => row.target_locale,
    sourceLocale: (row) => row.source_locale,
    text: (row) => row.target,
    state: ({ state }) => toEnum(state),
    engine: ({ engine }) => (engine === null || engine === 'memory' ? null : toEnum(engine)),
    isFromMemory: ({ engine }) => engine === 'memory',
    findings: ({ findings }) => findings.map((finding) => ({ ...finding, code: toEnum(finding.code) })),
    changedAt: (row) => row.changed_at,
  },
};
