import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import {
  type ChannelAccountId,
  type ConversationId,
  type CustomerId,
  type ErasureId,
  type MessageId,
  newId,
  type TenantId,
} from '@crossdesk/contracts';
import { anAgent, anEvent, ask, eventually, givenMessage, openHarness, type TestHarness } from '@crossdesk/testkit';
import type { Role } from '@crossdesk/service-kit';
import { type AutomationService, openAutomation } from '../src/app.ts';
import {
  deeplReply,
  type EngineServer,
  engineServer,
  libreReply,
  type Reply,
  type Translate,
} from './engine-servers.ts';
import { damages, reply, toGerman, translated } from './translated-reply.ts';

let harness: TestHarness;
let automation: AutomationService;
const servers: EngineServer[] = [];

beforeAll(async () => {
  harness = await openHarness();
  automation = await openAutomation(harness.deps, { allowPrivateAddresses: true });
  await automation.start();
});

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

afterAll(async () => {
  await automation.stop(5_000);
  await harness.close();
});

async function engine(reply: Reply): Promise<EngineServer> {
  const server = await engineServer(reply);
  servers.push(server);
  return server;
}

type Answer = Record<string, unknown>;
interface Payload {
  readonly errors: readonly { readonly code: string; readonly path: readonly string[] }[];
  readonly [field: string]: unknown;
}

const providerFields = `id kind displayName baseUrl model hasApiKey position charactersPerDayMax charactersToday callsToday
  failuresToday lastFailure`;
const draftFields = `id conversationId sourceLocale targetLocale source text state engine isFromMemory findings { code isError part }
  attempts { provider failure }`;
const termFields = 'id sourceLocale targetLocale source target isCaseSensitive version';
const selections: Readonly<Record<string, string>> = {
  connectTranslationProvider: `provider { ${providerFields} }`,
  disconnectTranslationProvider: `provider { id }`,
  translateDraft: `translation { ${draftFields} }`,
  approveTranslation: `translation { ${draftFields} approvedText editDistance approvedAt }`,
  upsertGlossaryTerm: `term { ${termFields} }`,
  deleteGlossaryTerm: `term { ${termFields} }`,
  importTranslationMemory: 'result { imported skipped }',
  setTranslationSettings: 'settings { targetLocale mode version }',
  translateMessage: 'translation { locale state }',
};

async function mutate(tenantId: TenantId, name: string, input: object, role: Role = 'admin'): Promise<Payload> {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
  const query = `mutation ($input: ${type}!) {
    ${name}(input: $input) { ${selections[name] ?? ''} errors { code message path } } }`;
  const { data, errors } = await ask(automation.subgraph, anAgent(tenantId, role), query, { input });
  expect(errors).toEqual([]);
  return (data as Record<string, Payload>)[name] as Payload;
}

async function read(tenantId: TenantId, query: string, variables: Answer = {}): Promise<Answer> {
  const { data, errors } = await ask(automation.subgraph, anAgent(tenantId, 'supervisor'), query, variables);
  expect(errors).toEqual([]);
  return data as Answer;
}

async function connect(tenantId: TenantId, input: object): Promise<Answer> {
  const { provider, errors } = await mutate(tenantId, 'connectTranslationProvider', input);
  expect(errors).toEqual([]);
  return provider as Answer;
}

async function draft(tenantId: TenantId, input: object, role: Role = 'agent'): Promise<Answer> {
  const { translation, errors } = await mutate(tenantId, 'translateDraft', input, role);
  expect(errors).toEqual([]);
  return translation as Answer;
}

/** A workspace with a conversation of a buyer who writes German. */
async function workspace(): Promise<{ tenantId: TenantId; conversationId: ConversationId }> {
  const tenantId = newId<TenantId>();
  const conversationId = newId<ConversationId>();
  const text = 'Guten Tag, wann kommt meine Bestellung endlich an? Ich warte schon seit zwei Wochen darauf.';
  await harness.publish(givenMessage({ tenantId, conversationId, content: { kind: 'text', text } }));
  await harness.events.count('automation.message-analysed', 1, (event) => event.tenantId === tenantId);
  return { tenantId, conversationId };
}

test('S1-2.4 S2-4.2 a reply is translated into the language of its conversation by a connected engine', async () => {
  const { tenantId, conversationId } = await workspace();
  const server = await engine(deeplReply('secret-key', toGerman));
  const provider = await connect(tenantId, {
    kind: 'DEEPL',
    displayName: 'DeepL',
    baseUrl: server.url,
    apiKey: 'secret-key',
  });
  expect(provider).toMatchObject({ kind: 'DEEPL', hasApiKey: true, charactersToday: 0, lastFailure: null });
  const made = await draft(tenantId, { conversationId, text: reply });
  expect(made).toMatchObject({
    ...{ conversationId, sourceLocale: 'en', targetLocale: 'de', source: reply, text: translated },
    ...{ state: 'TRANSLATED', engine: 'DEEPL', findings: [], attempts: [] },
  });
  expect(await draft(tenantId, { conversationId, text: reply })).toEqual(made);
  expect(server.asked).toHaveLength(1);
  expect(JSON.stringify(server.asked)).toContain('<x id=');
  const { translationProviders } = await read(tenantId, `{ translationProviders { ${providerFields} } }`);
  expect(translationProviders).toMatchObject([{ callsToday: 1, failuresToday: 0, displayName: 'DeepL' }]);
  expect(JSON.stringify(translationProviders)).not.toContain('secret-key');
});

test('the key of an engine is sealed, replaced by connecting the name again, and forgotten with it', async () => {
  const tenantId = newId<TenantId>();
  const input = { kind: 'DEEPL', displayName: 'Mine', apiKey: 'plain-key-1' };
  const first = await connect(tenantId, input);
  const second = await connect(tenantId, { ...input, apiKey: 'plain-key-2', position: 3 });
  expect(second).toMatchObject({ id: first['id'], position: 3, baseUrl: 'https://api.deepl.com' });
  const stored = await automation.runtime.db.forTenant(tenantId, (trx) =>
    trx.selectFrom('translation_provider').selectAll().execute(),
  );
  expect(stored).toHaveLength(1);
  expect(stored[0]?.sealed_key?.includes('plain-key')).toBe(false);
  const gone = await mutate(tenantId, 'disconnectTranslationProvider', { providerId: first['id'] });
  expect(gone).toMatchObject({ provider: { id: first['id'] }, errors: [] });
  const again = await mutate(tenantId, 'disconnectTranslationProvider', { providerId: first['id'] });
  expect(again.errors).toMatchObject([{ code: 'NOT_FOUND', path: ['input', 'providerId'] }]);
});

test.each([
  ['no key', { kind: 'DEEPL' }, 'INVALID_INPUT', 'apiKey'],
  ['no address', { kind: 'LIBRETRANSLATE' }, 'INVALID_INPUT', 'baseUrl'],
  ['no model', { kind: 'OPENAI_COMPATIBLE', apiKey: 'k' }, 'INVALID_INPUT', 'model'],
  ['a key with a line', { kind: 'DEEPL', apiKey: 'k\u0007' }, 'INVALID_INPUT', 'apiKey'],
  [
    'a password in the address',
    { kind: 'DEEPL', apiKey: 'k', baseUrl: 'https://a:b@c.example' },
    'URL_FORBIDDEN',
    'baseUrl',
  ],
  ['a negative limit', { kind: 'DEEPL', apiKey: 'k', charactersPerDayMax: 0 }, 'INVALID_INPUT', 'charactersPerDayMax'],
])('an engine with %s is refused', async (_what, input, code, field) => {
  const { provider, errors } = await mutate(newId<TenantId>(), 'connectTranslationProvider', {
    displayName: 'x',
    ...input,
  });
  expect({ provider, errors }).toMatchObject({ provider: null, errors: [{ code, path: ['input', field] }] });
});

test('without an engine there is honestly no translation, and what cannot be translated is said', async () => {
  const { tenantId, conversationId } = await workspace();
  expect(await draft(tenantId, { conversationId, text: reply })).toMatchObject({
    state: 'NONE',
    text: null,
    engine: null,
  });
  const same = await draft(tenantId, { conversationId, text: 'Guten Tag, Ihre Bestellung kommt heute bei Ihnen an.' });
  expect(same).toMatchObject({ state: 'NOT_NEEDED', sourceLocale: 'de' });
  const stranger = await mutate(newId<TenantId>(), 'translateDraft', {
    conversationId,
    text: reply,
    targetLocale: 'fr',
  });
  expect(stranger.errors).toMatchObject([{ code: 'NOT_FOUND', path: ['input', 'conversationId'] }]);
  const nowhere = await mutate(tenantId, 'translateDraft', { conversationId, text: reply, targetLocale: 'klingon!' });
  expect(nowhere.errors).toMatchObject([{ code: 'INVALID_INPUT', path: ['input', 'targetLocale'] }]);
});

test.each(damages.map((damage, index) => [index, damage] as const))(
  'a hostile engine (%i) never gets a damaged text shown: the next engine is asked',
  async (_index, damage) => {
    const { tenantId, conversationId } = await workspace();
    const hostile = await engine(deeplReply('k', (text) => damage(toGerman(text, 'DE'))));
    const honest = await engine(libreReply(null, toGerman));
    await connect(tenantId, { kind: 'DEEPL', displayName: 'Hostile', baseUrl: hostile.url, apiKey: 'k' });
    const refused = await draft(tenantId, { conversationId, text: reply });
    expect(refused).toMatchObject({
      state: 'NONE',
      text: null,
      attempts: [{ provider: 'Hostile', failure: 'DAMAGED' }],
    });
    expect(refused['findings']).not.toEqual([]);
    // It was asked twice, with two ways to hide what it must not touch.
    expect(hostile.asked).toHaveLength(2);
    await connect(tenantId, { kind: 'LIBRETRANSLATE', displayName: 'Honest', baseUrl: honest.url, position: 1 });
    expect(await draft(tenantId, { conversationId, text: reply })).toMatchObject({
      ...{ state: 'TRANSLATED', text: translated, engine: 'LIBRETRANSLATE' },
      attempts: [{ provider: 'Hostile', failure: 'DAMAGED' }],
    });
  },
);

test('a failing engine is left alone for as long as it asks, and a new key gives it a new chance', async () => {
  const { tenantId, conversationId } = await workspace();
  const server = await engine(() => ({ status: 429, body: {}, headers: { 'retry-after': '120' } }));
  const input = { kind: 'DEEPL', displayName: 'Busy', baseUrl: server.url, apiKey: 'k' };
  await connect(tenantId, input);
  const attempts = async () => (await draft(tenantId, { conversationId, text: reply }))['attempts'];
  expect(await attempts()).toEqual([{ provider: 'Busy', failure: 'RATE_LIMITED' }]);
  expect(await attempts()).toEqual([{ provider: 'Busy', failure: 'PAUSED' }]);
  expect(server.asked).toHaveLength(1);
  server.answer(deeplReply('k', toGerman));
  await connect(tenantId, input);
  expect(await attempts()).toEqual([]);
});

test('an engine gets no more characters a day than it may, whatever is asked at once', async () => {
  const { tenantId, conversationId } = await workspace();
  const server = await engine(deeplReply('k', toGerman));
  const input = { kind: 'DEEPL', displayName: 'Small', baseUrl: server.url, apiKey: 'k', charactersPerDayMax: 100 };
  await connect(tenantId, input);
  const drafts = await Promise.all(
    ['one', 'two', 'three', 'four', 'five', 'six'].map((word) =>
      draft(tenantId, { conversationId, sourceLocale: 'en', text: `Your order number ${word} is a nice one` }),
    ),
  );
  const failures = drafts.flatMap((made) => made['attempts'] as { failure: string }[]).map(({ failure }) => failure);
  expect(failures).toEqual(['OVER_BUDGET', 'OVER_BUDGET', 'OVER_BUDGET', 'OVER_BUDGET']);
  expect(server.asked).toHaveLength(2);
  await eventually(async () => {
    const [provider] = (await read(tenantId, `{ translationProviders { charactersToday lastFailure } }`))[
      'translationProviders'
    ] as Answer[];
    expect(provider?.['charactersToday']).toBeLessThanOrEqual(100);
  });
});

async function approve(tenantId: TenantId, translationId: unknown, text: string): Promise<Answer> {
  const { translation, errors } = await mutate(tenantId, 'approveTranslation', { translationId, text }, 'agent');
  expect(errors).toEqual([]);
  return translation as Answer;
}

const quality = `query ($source: String!, $target: String!) { translationQuality(source: $source, target: $target) {
  n score low high engines { engine n score } } }`;

test('S1-2.6 an edit is measured and remembered: the next reply needs no engine, and has its own numbers', async () => {
  const { tenantId, conversationId } = await workspace();
  const server = await engine(deeplReply('k', toGerman));
  await connect(tenantId, { kind: 'DEEPL', displayName: 'DeepL', baseUrl: server.url, apiKey: 'k' });
  const made = await draft(tenantId, { conversationId, text: reply });
  const edited = translated.replace('Sie kommt heute nicht an', 'Heute kommt sie leider nicht');
  const approved = await approve(tenantId, made['id'], edited);
  expect(approved).toMatchObject({ text: translated, approvedText: edited });
  expect(approved['editDistance']).toBeGreaterThan(0);
  expect(await approve(tenantId, made['id'], edited)).toEqual(approved);
  await server.close();
  const next = reply
    .replaceAll('240613ABCD9', '250101ZZZZ1')
    .replace('$12.50', '99,00 €')
    .replace('2026-03-02', '2026-07-14');
  expect(await draft(tenantId, { conversationId, text: next })).toMatchObject({
    ...{ state: 'TRANSLATED', isFromMemory: true, engine: null, attempts: [] },
    text: edited
      .replaceAll('240613ABCD9', '250101ZZZZ1')
      .replace('$12.50', '99,00 €')
      .replace('2026-03-02', '2026-07-14'),
  });
  const near = 'Your order 777777AAAA1 was shipped already on 2026-03-02.';
  const similar = await draft(tenantId, { conversationId, text: near, sourceLocale: 'en' });
  const shown = await mutate(tenantId, 'approveTranslation', { translationId: similar['id'], text: 'Ja.' });
  expect(shown.errors).toEqual([]);
  const { translationQuality } = await read(tenantId, quality, { source: 'en', target: 'de-DE' });
  // The last reply had no proposal: what a person wrote says nothing about an engine.
  expect(translationQuality).toMatchObject({ n: 1, engines: [{ engine: 'DEEPL', n: 1 }] });
  expect((await read(tenantId, quality, { source: 'en', target: 'fr' }))['translationQuality']).toMatchObject({
    n: 0,
    score: null,
  });
  const stranger = await mutate(newId<TenantId>(), 'approveTranslation', { translationId: made['id'], text: 'x' });
  expect(stranger.errors).toMatchObject([{ code: 'NOT_FOUND', path: ['input', 'translationId'] }]);
});

test('sentences that are nearly the same are shown with their own numbers, and never used by themselves', async () => {
  const { tenantId, conversationId } = await workspace();
  const source = 'Your order 240613ABCD9 was shipped on 2026-03-02 with our usual carrier.';
  const target = 'Ihre Bestellung 240613ABCD9 wurde am 2026-03-02 mit unserem üblichen Spediteur versandt.';
  const tu = (text: string, translation: string) =>
    `<tu><tuv xml:lang="en-US"><seg>${text}</seg></tuv><tuv xml:lang="de"><seg>${translation}</seg></tuv></tu>`;
  const tmx = `<tmx version="1.4"><header/><body>${tu(source, target)}${tu('Only English', '')}</body></tmx>`;
  const input = { tmx, sourceLocale: 'en', targetLocale: 'de' };
  expect(await mutate(tenantId, 'importTranslationMemory', input)).toMatchObject({
    result: { imported: 1, skipped: 1 },
  });
  const query = `mutation ($input: TranslateDraftInput!) { translateDraft(input: $input) { translation { state text
    matches { source target similarity isApproved } } } }`;
  const text = source.replace('240613ABCD9', '999999XXXX9').replace('usual', 'fast');
  const asked = { input: { conversationId, text, sourceLocale: 'en' } };
  const { data } = await ask(automation.subgraph, anAgent(tenantId, 'agent'), query, asked);
  expect(data).toMatchObject({
    translateDraft: {
      translation: {
        state: 'NONE',
        text: null,
        matches: [{ target: target.replace('240613ABCD9', '999999XXXX9'), isApproved: false }],
      },
    },
  });
  const same = await draft(tenantId, { conversationId, text: source, sourceLocale: 'en' });
  expect(same).toMatchObject({ state: 'NONE', text: null });
  await mutate(tenantId, 'importTranslationMemory', { ...input, areApproved: true });
  const again = await draft(tenantId, { conversationId, text: source, sourceLocale: 'en' });
  expect(again).toMatchObject({ state: 'TRANSLATED', text: target, isFromMemory: true });
  const exportQuery = `{ exportTranslationMemory(sourceLocale: "en", targetLocale: "de") { tmx unitCount hasNextPage endCursor } }`;
  const { exportTranslationMemory } = await read(tenantId, exportQuery);
  expect(exportTranslationMemory).toMatchObject({ unitCount: 1, hasNextPage: false });
  const { tmx: exported } = exportTranslationMemory as { tmx: string };
  expect(exported).toContain('<seg>Your order {id1} was shipped on {date1} with our usual carrier.</seg>');
  const other = newId<TenantId>();
  expect(await mutate(other, 'importTranslationMemory', { ...input, tmx: exported })).toMatchObject({
    result: { imported: 1 },
  });
  expect(await mutate(other, 'importTranslationMemory', { ...input, tmx: exported })).toMatchObject({
    result: { imported: 0, skipped: 1 },
  });
  const broken = await mutate(other, 'importTranslationMemory', { ...input, tmx: '<tmx' });
  expect(broken.errors).toMatchObject([{ code: 'INVALID_INPUT', path: ['input', 'tmx'] }]);
});

const listTerms =
  '{ glossaryTerms(filter: { targetLocale: "DE" }) { totalCount edges { node { source target version } } } }';

test('S1-2.8 terms are in every translation in exactly their words, and a term that changed changes the memory', async () => {
  const { tenantId, conversationId } = await workspace();
  const server = await engine(
    deeplReply('k', (text) => text.replaceAll('We send', 'Wir schicken').replaceAll('with love', 'mit Liebe')),
  );
  await connect(tenantId, { kind: 'DEEPL', displayName: 'DeepL', baseUrl: server.url, apiKey: 'k' });
  const words = ['Glow Serum', 'FaceBalm', 'gift card', 'express post', 'tote bag'];
  for (const word of words) {
    const input = {
      sourceLocale: 'en',
      targetLocale: 'de',
      source: word,
      target: word === 'FaceBalm' ? null : `${word.replace(' ', '-')}-DE`,
    };
    const { term, errors } = await mutate(tenantId, 'upsertGlossaryTerm', input, 'supervisor');
    expect({ term, errors }).toMatchObject({ term: { ...input, version: 1 }, errors: [] });
    expect(await mutate(tenantId, 'upsertGlossaryTerm', input, 'supervisor')).toMatchObject({ term: { version: 1 } });
  }
  const expected = (word: string) => (word === 'FaceBalm' ? word : `${word.replace(' ', '-')}-DE`);
  for (const word of words) {
    const made = await draft(tenantId, {
      conversationId,
      sourceLocale: 'en',
      text: `We send ${word.toLowerCase()} with love.`,
    });
    expect(made).toMatchObject({ state: 'TRANSLATED', text: `Wir schicken ${expected(word)} mit Liebe.` });
  }
  const made = await draft(tenantId, { conversationId, sourceLocale: 'en', text: 'We send Glow Serum with love.' });
  await approve(tenantId, made['id'], 'Wir schicken Glow-Serum-DE mit Liebe.');
  const change = { sourceLocale: 'en', targetLocale: 'de', source: 'Glow Serum', target: 'Leuchtserum' };
  const stale = await mutate(tenantId, 'upsertGlossaryTerm', { ...change, expectedVersion: 7 }, 'supervisor');
  expect(stale).toMatchObject({ term: { version: 1 }, errors: [{ code: 'VERSION_CONFLICT' }] });
  await mutate(tenantId, 'upsertGlossaryTerm', { ...change, expectedVersion: 1 }, 'supervisor');
  const text = 'We send Glow Serum  with love.';
  expect(await draft(tenantId, { conversationId, sourceLocale: 'en', text })).toMatchObject({
    text: 'Wir schicken Leuchtserum  mit Liebe.',
  });
  const { glossaryTerms } = await read(tenantId, listTerms);
  expect(glossaryTerms).toMatchObject({ totalCount: 5 });
  const all = await read(
    tenantId,
    `{ glossaryTerms(first: 2) { totalCount edges { node { id source target } } pageInfo { endCursor hasNextPage } } }`,
  );
  expect(all['glossaryTerms']).toMatchObject({ totalCount: 5, pageInfo: { hasNextPage: true } });
  const [{ node }] = (all['glossaryTerms'] as { edges: [{ node: Answer }] }).edges;
  expect(await mutate(tenantId, 'deleteGlossaryTerm', { termId: node['id'] })).toMatchObject({
    term: { id: node['id'] },
    errors: [],
  });
  expect(await mutate(newId<TenantId>(), 'deleteGlossaryTerm', { termId: node['id'] })).toMatchObject({
    errors: [{ code: 'NOT_FOUND' }],
  });
});

interface Spoken {
  readonly tenantId: TenantId;
  readonly conversationId: ConversationId;
  readonly messageId: MessageId;
}

const shownTranslations = `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Message {
  translations { locale sourceLocale text state engine isFromMemory } } } }`;

async function translationsOf({ tenantId, messageId }: Spoken): Promise<unknown> {
  const { _entities } = await read(tenantId, shownTranslations, { of: [{ __typename: 'Message', id: messageId }] });
  return (_entities as [{ translations: unknown }])[0].translations;
}

async function says(conversation: Omit<Spoken, 'messageId'>, text: string): Promise<Spoken> {
  const spoken = { ...conversation, messageId: newId<MessageId>() };
  await harness.publish(givenMessage({ ...spoken, content: { kind: 'text', text } }));
  await harness.events.count('automation.message-analysed', 1, ({ data }) => data.messageId === spoken.messageId);
  return spoken;
}

const translatedEvent = ({ messageId }: Spoken) =>
  harness.events.count('automation.message-translated', 1, ({ data }) => data.messageId === messageId);

const toEnglish: Translate = (text) =>
  text.replace('Wo ist meine Bestellung', 'Where is my order').replace('bitte', 'please');
const question = 'Wo ist meine Bestellung 240613ABCD9 bitte?';

test('S1-2.4 D27 a message of a buyer shows at once, its translation follows and is announced without its words', async () => {
  const conversation = await workspace();
  const { tenantId } = conversation;
  const server = await engine(() => ({ status: 503, body: {} }));
  await connect(tenantId, { kind: 'DEEPL', displayName: 'DeepL', baseUrl: server.url, apiKey: 'k' });
  const settings = { targetLocale: 'en-US', mode: 'AUTOMATIC' };
  expect(await mutate(tenantId, 'setTranslationSettings', settings)).toMatchObject({
    settings: { ...settings, version: 1 },
  });
  expect((await mutate(tenantId, 'setTranslationSettings', { ...settings, mode: 'OFF' })).errors).toMatchObject([
    { code: 'VERSION_CONFLICT' },
  ]);
  const failing = await says(conversation, question);
  await eventually(async () => expect(server.asked).toHaveLength(1));
  expect(await translationsOf(failing)).toMatchObject([{ state: 'QUEUED', text: null }]);
  server.answer(deeplReply('k', toEnglish));
  const spoken = await says(conversation, question);
  const [event] = await translatedEvent(spoken);
  expect(event).toMatchObject({
    data: { state: 'translated', engine: 'deepl', sourceLocale: 'de', targetLocale: 'en-US' },
  });
  expect(JSON.stringify(event)).not.toContain('order 2406');
  expect(await translationsOf(spoken)).toEqual([
    {
      locale: 'en-US',
      sourceLocale: 'de',
      text: 'Where is my order 240613ABCD9 please?',
      state: 'TRANSLATED',
      engine: 'DEEPL',
      isFromMemory: false,
    },
  ]);
  const english = await says(conversation, 'Thank you very much, the parcel has arrived and everything is fine.');
  expect(await translationsOf(english)).toEqual([]);
  expect(await translationsOf({ ...spoken, tenantId: newId<TenantId>() })).toEqual([]);
});

test('a message is translated when a person asks for it, into their language too, and an erased one has no words left', async () => {
  const conversation = await workspace();
  const { tenantId, conversationId } = conversation;
  await mutate(tenantId, 'setTranslationSettings', { targetLocale: 'en', mode: 'ON_DEMAND' });
  const spoken = await says(conversation, question);
  expect(await translationsOf(spoken)).toMatchObject([{ state: 'WAITING', text: null }]);
  const { messageId } = spoken;
  expect(await mutate(tenantId, 'translateMessage', { messageId, targetLocale: 'fr' }, 'agent')).toMatchObject({
    translation: { locale: 'fr', state: 'QUEUED' },
  });
  expect((await translatedEvent(spoken))[0]).toMatchObject({
    data: { state: 'none', engine: null, targetLocale: 'fr' },
  });
  const stranger = await mutate(newId<TenantId>(), 'translateMessage', { messageId }, 'agent');
  expect(stranger.errors).toMatchObject([{ code: 'NOT_FOUND', path: ['input', 'messageId'] }]);
  const data = {
    ...{ conversationId, erasureId: newId<ErasureId>(), customerId: newId<CustomerId>() },
    accountId: newId<ChannelAccountId>(),
  };
  await harness.publish(
    anEvent('ingest.buyer-erased', data, { tenantId, aggregateId: conversationId, aggregateVersion: 9 }),
  );
  await eventually(async () => {
    const rows = await automation.runtime.db.forTenant(tenantId, (trx) =>
      trx.selectFrom('message_translation').selectAll().execute(),
    );
    expect(rows.map(({ source, target, due_at }) => [source, target, due_at])).toEqual([
      ['', null, null],
      ['', null, null],
    ]);
  });
  expect((await mutate(tenantId, 'translateMessage', { messageId }, 'agent')).errors).toMatchObject([
    { code: 'NOT_FOUND' },
  ]);
});
