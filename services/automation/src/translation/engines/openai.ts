import { Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { bodyOf, expectAll, expectDone } from './answer.ts';
import {
  type Engine,
  type EngineAccess,
  EngineError,
  type EngineRequest,
  type HttpAnswer,
  type Post,
} from './engine.port.ts';
import { answerFormat, instructions } from './openai-prompt.domain.ts';

const answerSchema = Type.Object({
  choices: Type.Array(
    Type.Object({
      finish_reason: Type.Union([Type.String(), Type.Null()]),
      message: Type.Object({
        content: Type.Union([Type.String(), Type.Null()]),
        refusal: Type.Optional(Type.Union([Type.String(), Type.Null()])),
      }),
    }),
    { minItems: 1 },
  ),
});
const contentSchema = Type.Object({ translations: Type.Array(Type.String()) });
const errorSchema = Type.Object({
  error: Type.Object({ code: Type.Optional(Type.Union([Type.String(), Type.Number(), Type.Null()])) }),
});

/** Any endpoint that speaks the chat completions of OpenAI. */
export const openai: Engine = {
  record: {
    kind: 'openai-compatible',
    baseUrl: 'https://api.openai.com/v1',
    needs: { apiKey: false, region: false, model: true },
    masks: ['token', 'bracket'],
    textsPerCallMax: 30,
    charactersPerCallMax: 8_000,
  },
  async translate(post, access, request) {
    const answer = await ask(post, access, request);
    expectDone(answer, ({ status, json }) =>
      status === 429 && codeOf(json) === 'insufficient_quota' ? 'quota' : null,
    );
    const [choice] = bodyOf(answerSchema, answer).choices;
    const refusal = choice?.message.refusal ?? null;
    if (refusal !== null || choice?.finish_reason === 'content_filter')
      throw new EngineError('declined', 'the model declined');
    if (choice?.finish_reason === 'length') throw new EngineError('rubbish', 'the answer was cut off');
    return expectAll(request.texts, translationsIn(choice?.message.content ?? ''));
  },
};

/** Asks for an answer of a fixed shape; a model that cannot be held to one is asked for JSON, then for text. */
async function ask(post: Post, access: EngineAccess, { texts, source, target }: EngineRequest): Promise<HttpAnswer> {
  const body = {
    model: access.model ?? '',
    temperature: 0,
    messages: [
      { role: 'system', content: instructions(source, target) },
      { role: 'user', content: JSON.stringify({ texts }) },
    ],
  };
  const request = {
    url: `${access.baseUrl}/chat/completions`,
    headers: access.apiKey === null ? {} : { authorization: `Bearer ${access.apiKey}` },
  };
  const formats = [{ response_format: answerFormat }, { response_format: { type: 'json_object' } }, {}];
  let answer = await post({ ...request, body: { ...body, ...formats[0] } });
  for (const format of formats.slice(1)) {
    if (answer.status !== 400 && answer.status !== 422) break;
    answer = await post({ ...request, body: { ...body, ...format } });
  }
  return answer;
}

/** @throws EngineError */
function translationsIn(content: string): readonly string[] {
  // Some models put a fence around JSON.
  const text = content
    .trim()
    .replace(/^```(?:json)?/, '')
    .replace(/```$/, '');
  try {
    const json: unknown = JSON.parse(text);
    if (Value.Check(contentSchema, json)) return json.translations;
  } catch (cause) {
    throw new EngineError('rubbish', 'the answer is no JSON', null, { cause });
  }
  throw new EngineError('rubbish', 'the answer has another shape');
}

function codeOf(json: unknown): string {
  return Value.Check(errorSchema, json) ? String(json.error.code ?? '') : '';
}
