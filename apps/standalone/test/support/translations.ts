import type { Workspace } from './workspace.ts';

/** An engine that does not answer, a reply without a translation, a term. */
export async function translationsOf(ws: Workspace, conversationId: string, word: string) {
  const { connectTranslationProvider: connected, upsertGlossaryTerm: upserted } = await ws.admin.ask<{
    connectTranslationProvider: { provider: { id: string } };
    upsertGlossaryTerm: { term: { id: string } };
  }>(
    `mutation($engine: ConnectTranslationProviderInput!, $term: UpsertGlossaryTermInput!) {
      connectTranslationProvider(input: $engine) { provider { id } } upsertGlossaryTerm(input: $term) { term { id } } }`,
    {
      engine: { kind: 'LIBRETRANSLATE', displayName: `${word} engine`, baseUrl: 'http://127.0.0.1:9' },
      term: { sourceLocale: 'en', targetLocale: 'de', source: word, target: word },
    },
  );
  const { translateDraft: drafted } = await ws.agent.ask<{ translateDraft: { translation: { id: string } } }>(
    `mutation($input: TranslateDraftInput!) { translateDraft(input: $input) { translation { id } } }`,
    { input: { conversationId, text: `${word} reply`, sourceLocale: 'en', targetLocale: 'de' } },
  );
  return {
    glossaryTerm: upserted.term.id,
    translationDraft: drafted.translation.id,
    translationProvider: connected.provider.id,
  };
}
