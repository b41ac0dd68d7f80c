import { Type } from '@sinclair/typebox';
import { bodyOf, expectDone } from '../../engine/answer.ts';
import { baseOf, expectAll, isTraditional } from './answer.ts';
import type { HttpAnswer } from '../../engine/engine-error.domain.ts';
import type { Engine } from './engine.port.ts';

const answerSchema = Type.Object({ translatedText: Type.Array(Type.String()) });

/** LibreTranslate, at an address of the workspace. Its tags lose spans, so that words stand for them. */
export const libretranslate: Engine = {
  record: {
    kind: 'libretranslate',
    baseUrl: null,
    needs: { apiKey: false, region: false, model: false },
    masks: ['token', 'bracket'],
    textsPerCallMax: 50,
    charactersPerCallMax: 5_000,
  },
  async translate(post, { baseUrl, apiKey }, { texts, source, target }) {
    const answer = await post({
      url: `${baseUrl}/translate`,
      headers: {},
      body: {
        q: texts,
        source: languageOf(source),
        target: languageOf(target),
        format: 'text',
        ...(apiKey === null ? {} : { api_key: apiKey }),
      },
    });
    expectDone(answer, meaning);
    return expectAll(texts, bodyOf(answerSchema, answer).translatedText);
  },
};

function languageOf(locale: string): string {
  if (isTraditional(locale)) return 'zt';
  return /^pt-br\b/i.test(locale) ? 'pb' : baseOf(locale);
}

/** It answers 400 also for a wrong key and for a language it has no model for. */
function meaning({ status, json }: HttpAnswer) {
  const message = typeof json === 'object' && json !== null && 'error' in json ? String(json.error) : '';
  if (status === 400 && /not supported|not available as a target/.test(message)) return 'language';
  if ((status === 400 || status === 403) && /api key/i.test(message)) return 'unauthorised';
  return status === 403 && /slowdown/i.test(message) ? 'rate-limited' : null;
}
