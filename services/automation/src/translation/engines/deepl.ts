import { Type } from '@sinclair/typebox';
import { bodyOf, expectDone } from '../../engine/answer.ts';
import { baseOf, expectAll, isTraditional } from './answer.ts';
import type { Engine } from './engine.port.ts';

const answerSchema = Type.Object({
  translations: Type.Array(
    Type.Object({ text: Type.String(), detected_source_language: Type.Optional(Type.String()) }),
  ),
});

const free = 'https://api-free.deepl.com';

/** DeepL API, version 2. */
export const deepl: Engine = {
  record: {
    kind: 'deepl',
    baseUrl: 'https://api.deepl.com',
    needs: { apiKey: true, region: false, model: false },
    masks: ['xml', 'token'],
    textsPerCallMax: 50,
    charactersPerCallMax: 30_000,
  },
  async translate(post, { baseUrl, apiKey }, { texts, style, source, target }) {
    // Keys of the free plan end with `:fx` and work at another address only.
    const isFree = apiKey?.endsWith(':fx') === true && baseUrl === deepl.record.baseUrl;
    const tags =
      style === 'xml'
        ? { tag_handling: 'xml', tag_handling_version: 'v2', ignore_tags: ['x'], outline_detection: false }
        : {};
    const answer = await post({
      url: `${isFree ? free : baseUrl}/v2/translate`,
      headers: { authorization: `DeepL-Auth-Key ${apiKey ?? ''}` },
      body: {
        text: texts,
        source_lang: baseOf(source).toUpperCase(),
        target_lang: targetOf(target),
        preserve_formatting: true,
        ...tags,
      },
    });
    expectDone(answer, ({ status, json }) => (status === 400 && saysLanguage(json) ? 'language' : null));
    return expectAll(
      texts,
      bodyOf(answerSchema, answer).translations.map(({ text }) => text),
    );
  },
};

function targetOf(locale: string): string {
  switch (baseOf(locale)) {
    case 'en':
      return /^en-(?:gb|au|nz|ie|in|za)\b/i.test(locale) ? 'EN-GB' : 'EN-US';
    case 'pt':
      return /^pt-pt\b/i.test(locale) ? 'PT-PT' : 'PT-BR';
    case 'zh':
      return isTraditional(locale) ? 'ZH-HANT' : 'ZH-HANS';
    case 'es':
      return /^es-(?:419|mx|ar|cl|co|pe)\b/i.test(locale) ? 'ES-419' : 'ES';
    case 'no':
      return 'NB';
    default:
      return baseOf(locale).toUpperCase();
  }
}

function saysLanguage(json: unknown): boolean {
  const message: unknown = typeof json === 'object' && json !== null ? Reflect.get(json, 'message') : null;
  return typeof message === 'string' && /(?:source|target)_lang/.test(message);
}
