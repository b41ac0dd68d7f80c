import type { TenantId } from '@crossdesk/contracts';
import type { Keyring, ServiceRuntime } from '@crossdesk/service-kit';
import type { Transaction } from 'kysely';
import { askAssistant, type AssistantDeps } from '../assistant/ask-assistant.ts';
import { readAssistant } from '../assistant/assistant.store.ts';
import type { DB } from '../db.ts';
import { sureLanguageOf } from '../language/detect-language.ts';
import type { Breaker } from '../engine/breaker.ts';
import type { EngineClient } from '../engine/engine-client.ts';
import { mayBeCharged, meteredCall } from '../engine/metered-call.ts';
import type { EngineKind } from './engines/engine.port.ts';
import { engines } from './engines/engines.ts';
import { translationRequest } from './engines/openai.ts';
import { termsFor } from './glossary/glossary.store.ts';
import { fill, sourcePattern } from './memory/memory.domain.ts';
import { findApproved } from './memory/memory.store.ts';
import { openAccess } from './provider/provider-key.ts';
import { listProviders, type ProviderRow, reserve, settle } from './provider/provider.store.ts';
import { termsIn } from './text/glossary.domain.ts';
import { languageOf } from './text/locale.domain.ts';
import { mask, type MaskStyle, unmask } from './text/mask.domain.ts';
import { joinSegments, segment } from './text/segment.domain.ts';
import { type Piece, spansOf, wordsBetween } from '@crossdesk/outgoing-lint/text';
import { type Finding, isRefused, verify } from './text/verify.domain.ts';
import type { Attempt, TextToTranslate, Translation } from './translation.domain.ts';

export interface TranslateDeps {
  readonly runtime: Pick<ServiceRuntime<DB>, 'db' | 'clock' | 'log'>;
  readonly client: EngineClient;
  readonly breaker: Breaker;
  readonly sealingKey: Keyring;
  readonly assistant: AssistantDeps;
}

/** A sentence with its translation, as soon as there is one. */
interface Sentence {
  readonly pieces: readonly Piece[];
  translated: {
    readonly text: string;
    readonly engine: EngineKind | 'memory' | null;
    readonly findings: readonly Finding[];
  } | null;
  /** What was wrong with the last translation that was refused. */
  refused: readonly Finding[];
}

/**
 * Translates a text with the engines of a workspace, one after the other, until every sentence has a translation that
 * keeps its numbers, names and addresses. It never throws because of an engine.
 */
export async function translateText(
  deps: TranslateDeps,
  tenantId: TenantId,
  wanted: TextToTranslate,
  signal: AbortSignal,
): Promise<Translation> {
  const { text, source, target } = wanted;
  if (languageOf(source) === languageOf(target)) return { ...nothing, state: 'not-needed', text };
  const { db } = deps.runtime;
  const terms = await db.forTenant(tenantId, (trx) => termsFor(trx, tenantId, source, target));
  const segmented = segment(text, source, termsIn(text, terms));
  const sentences = segmented.segments.map(({ pieces }) => newSentence(pieces));
  const translators = await db.forTenant(tenantId, async (trx) => {
    await remember(trx, tenantId, sentences, wanted);
    return translatorsOf(deps, trx, tenantId);
  });
  const attempts: Attempt[] = [];
  for (const translator of translators) {
    const open = sentences.filter(({ translated }) => translated === null);
    if (open.length === 0 || signal.aborted) break;
    const failure = await translateWith(translator, open, wanted, signal);
    if (failure !== null) attempts.push({ provider: translator.name, failure });
  }
  return resultOf(sentences, attempts, (translations) => joinSegments(segmented, translations));
}

const nothing: Translation = { state: 'none', text: null, engine: null, findings: [], attempts: [] };

function newSentence(pieces: readonly Piece[]): Sentence {
  const isWords = /\p{L}/u.test(wordsBetween(pieces));
  // Nothing to translate: only signs, or only terms and numbers.
  const kept = pieces.map((piece) => (typeof piece === 'string' ? piece : piece.target)).join('');
  return { pieces, translated: isWords ? null : { text: kept, engine: null, findings: [] }, refused: [] };
}

/** Uses what people have approved for the same sentences. */
async function remember(
  trx: Transaction<DB>,
  tenantId: TenantId,
  sentences: readonly Sentence[],
  wanted: TextToTranslate,
): Promise<void> {
  const pair = { source: languageOf(wanted.source), target: languageOf(wanted.target) };
  const open = sentences.filter(({ translated }) => translated === null);
  const patterns = open.map(({ pieces }) => sourcePattern(pieces));
  const found = await findApproved(trx, tenantId, pair, patterns);
  for (const [index, sentence] of open.entries()) {
    const target = found.get(patterns[index] ?? '');
    const text = target === undefined ? null : fill(target, sentence.pieces);
    // A term may have changed since.
    const isMissing = (code: string) => code === 'span-changed' || code === 'term-missing';
    if (text !== null && !findingsOf(text, sentence.pieces, wanted).some(({ code }) => isMissing(code)))
      sentence.translated = { text, engine: 'memory', findings: [] };
  }
}

function findingsOf(text: string, pieces: readonly Piece[], { source, target }: TextToTranslate): Finding[] {
  const foundLanguage = sureLanguage(text, pieces);
  return verify({ pieces, text, sourceLocale: source, targetLocale: target, foundLanguage });
}

function resultOf(
  sentences: readonly Sentence[],
  attempts: readonly Attempt[],
  join: (translations: readonly string[]) => string,
): Translation {
  const done = sentences.flatMap(({ translated }) => translated ?? []);
  if (done.length < sentences.length)
    return { ...nothing, attempts, findings: sentences.flatMap(({ refused }) => refused) };
  const findings = done.flatMap((one) => one.findings);
  const state = findings.length > 0 ? 'doubtful' : 'translated';
  const engine =
    done.find((one) => one.engine !== null && one.engine !== 'memory')?.engine ??
    done.find((one) => one.engine !== null)?.engine ??
    null;
  return { state, text: join(done.map((one) => one.text)), engine, findings, attempts };
}

/** Null if nothing of it failed. */
async function translateWith(
  translator: Translator,
  sentences: readonly Sentence[],
  wanted: TextToTranslate,
  signal: AbortSignal,
): Promise<Attempt['failure'] | null> {
  const { record } = engines[translator.kind];
  let open = sentences;
  for (const style of record.masks) {
    for (const batch of batchesOf(open, style, record)) {
      const failure = await translateBatch(translator, batch, style, wanted, signal);
      if (failure !== null) return failure;
    }
    open = open.filter(({ translated }) => translated === null);
    if (open.length === 0) return null;
  }
  return 'damaged';
}

/** As many sentences as a call may have. */
function batchesOf(
  sentences: readonly Sentence[],
  style: MaskStyle,
  {
    textsPerCallMax,
    charactersPerCallMax,
  }: { readonly textsPerCallMax: number; readonly charactersPerCallMax: number },
): Sentence[][] {
  const batches: Sentence[][] = [];
  let characters = 0;
  for (const sentence of sentences) {
    const { length } = mask(sentence.pieces, style);
    const last = batches.at(-1);
    if (last === undefined || last.length >= textsPerCallMax || characters + length > charactersPerCallMax) {
      batches.push([sentence]);
      characters = length;
    } else {
      last.push(sentence);
      characters += length;
    }
  }
  return batches;
}

async function translateBatch(
  translator: Translator,
  sentences: readonly Sentence[],
  style: MaskStyle,
  wanted: TextToTranslate,
  signal: AbortSignal,
): Promise<Attempt['failure'] | null> {
  const texts = sentences.map(({ pieces }) => mask(pieces, style));
  const answers = await translator.ask({ texts, style, ...wanted }, signal);
  if (typeof answers === 'string') return answers;
  for (const [index, sentence] of sentences.entries())
    take(sentence, answers[index] ?? '', { style, engine: translator.kind, wanted });
  return null;
}

/** Keeps the answer of an engine if it may be shown. */
function take(
  sentence: Sentence,
  answer: string,
  { style, engine, wanted }: { style: MaskStyle; engine: EngineKind; wanted: TextToTranslate },
): void {
  const { pieces } = sentence;
  const text = unmask(answer, pieces, style);
  const findings: readonly Finding[] =
    text === null ? [{ code: 'span-changed', isError: true, part: null }] : findingsOf(text, pieces, wanted);
  if (text === null || isRefused(findings)) sentence.refused = findings;
  else sentence.translated = { text, engine, findings };
}

/** The language of the words of a translation; null if the detector is not sure. */
function sureLanguage(text: string, pieces: readonly Piece[]): string | null {
  const names = spansOf(pieces).map(({ target }) => target);
  const words = names.reduce((rest, name) => rest.replaceAll(name, ' '), text);
  return sureLanguageOf(words);
}

/** An engine of the workspace, or its assistant. */
interface Translator {
  /** For people. */
  readonly name: string;
  readonly kind: EngineKind;
  /** The translations, or why there are none. */
  ask(request: Call, signal: AbortSignal): Promise<readonly string[] | Attempt['failure']>;
}

/** Those that a workspace may ask: its engines in their order, then its assistant if that may translate. */
async function translatorsOf(deps: TranslateDeps, trx: Transaction<DB>, tenantId: TenantId): Promise<Translator[]> {
  const assistant = await readAssistant(trx, tenantId);
  const connected = (await listProviders(trx, tenantId)).map((provider): Translator => ({
    name: provider.display_name,
    kind: provider.kind,
    ask: (request, signal) => callEngine(deps, provider, request, signal),
  }));
  if (assistant === null || !assistant.purposes.includes('translate')) return connected;
  const ask: Translator['ask'] = (request, signal) => askForTranslation(deps, tenantId, request, signal);
  return [...connected, { name: assistant.model, kind: 'openai-compatible', ask }];
}

async function askForTranslation(
  { assistant }: TranslateDeps,
  tenantId: TenantId,
  request: Call,
  signal: AbortSignal,
): Promise<readonly string[] | Attempt['failure']> {
  const asked = await askAssistant(assistant, tenantId, 'translate', translationRequest(request), signal);
  // It was disconnected a moment ago.
  if (!asked.ok) return asked.failure === 'not-allowed' ? 'paused' : asked.failure;
  const { translations } = asked.value;
  return translations.length === request.texts.length ? translations : 'rubbish';
}

interface Call extends TextToTranslate {
  readonly texts: readonly string[];
  readonly style: MaskStyle;
}

/** One call within the budget of the workspace; the reason if it gave nothing. */
async function callEngine(
  { runtime, client, breaker, sealingKey }: TranslateDeps,
  provider: ProviderRow,
  request: Call,
  signal: AbortSignal,
): Promise<readonly string[] | Attempt['failure']> {
  const { tenant_id: tenantId, id: providerId, kind, version } = provider;
  const reserved = request.texts.reduce((sum, text) => sum + text.length, 0);
  const place = { tenantId, providerId, day: runtime.clock.now() };
  const inDatabase = runtime.db.forTenant;
  const post = (http: Parameters<EngineClient['post']>[0]) => client.post(http, signal);
  const called = await meteredCall(
    { breaker, log: runtime.log },
    {
      engine: `${providerId} ${version}`,
      reserve: () => inDatabase(tenantId, (trx) => reserve(trx, place, reserved, provider.characters_per_day_max)),
      settle: (result) => {
        const failure = result.ok ? null : result.failure;
        const used = failure === null || mayBeCharged(failure) ? reserved : 0;
        return inDatabase(tenantId, (trx) => settle(trx, place, { reserved, used, failure }));
      },
    },
    () => engines[kind].translate(post, openAccess(sealingKey, provider), request),
  );
  return called.ok ? called.value : called.failure;
}
