import type { Workspace } from './workspace.ts';

/** An app of a platform. */
export async function appOf(ws: Workspace, word: string): Promise<string> {
  const credentials = [
    { name: 'partner_id', value: '2000001' },
    { name: 'partner_key', value: `the key of ${word}` },
  ];
  const { registerChannelApp } = await ws.admin.ask<{ registerChannelApp: { app: { id: string } } }>(
    `mutation($input: RegisterChannelAppInput!) { registerChannelApp(input: $input) { app { id } } }`,
    { input: { channel: 'SHOPEE', displayName: `${word} app`, credentials } },
  );
  return registerChannelApp.app.id;
}

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
