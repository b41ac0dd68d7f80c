import { Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { bodyOf, expectDone } from '../../engine/answer.ts';
import { baseOf, expectAll, isTagged, isTraditional } from './answer.ts';
import type { HttpAnswer } from '../../engine/engine-error.domain.ts';
import type { Engine } from './engine.port.ts';

const answerSchema = Type.Array(
  Type.Object({ translations: Type.Array(Type.Object({ text: Type.String(), to: Type.String() }), { minItems: 1 }) }),
);
const errorSchema = Type.Object({ error: Type.Object({ code: Type.Number() }) });

/** Azure Translator, version 3.0. */
export const azure: Engine = {
  record: {
    kind: 'azure',
    baseUrl: 'https://api.cognitive.microsofttranslator.com',
    needs: { apiKey: true, region: false, model: false },
    masks: ['html', 'token'],
    textsPerCallMax: 100,
    charactersPerCallMax: 10_000,
  },
  async translate(post, { baseUrl, apiKey, region }, { texts, style, source, target }) {
    const query = new URLSearchParams({
      'api-version': '3.0',
      from: languageOf(source),
      to: languageOf(target),
      textType: isTagged(style) ? 'html' : 'plain',
    });
    const answer = await post({
      url: `${baseUrl}/translate?${query.toString()}`,
      headers: {
        'ocp-apim-subscription-key': apiKey ?? '',
        ...(region === null ? {} : { 'ocp-apim-subscription-region': region }),
      },
      body: texts.map((Text) => ({ Text })),
    });
    expectDone(answer, meaning);
    return expectAll(
      texts,
      bodyOf(answerSchema, answer).map(({ translations }) => translations[0]?.text ?? ''),
    );
  },
};

function languageOf(locale: string): string {
  const base = baseOf(locale);
  if (base === 'zh') return isTraditional(locale) ? 'zh-Hant' : 'zh-Hans';
  if (base === 'no') return 'nb';
  if (base === 'sr') return /^sr-latn\b/i.test(locale) ? 'sr-Latn' : 'sr-Cyrl';
  return /^pt-pt\b/i.test(locale) ? 'pt-pt' : base;
}

/** Its codes have six digits: the status, then what is wrong. */
function meaning({ status, json }: HttpAnswer) {
  const code = Value.Check(errorSchema, json) ? json.error.code : 0;
  if (code === 400_035 || code === 400_036) return 'language';
  return status === 403 || code === 403_001 ? 'quota' : null;
}
