import { Type } from '@sinclair/typebox';
import { chat } from '../../engine/chat.ts';
import type { ChatRequest } from '../../engine/chat-body.domain.ts';
import { asData, promptOf } from '../../engine/prompt.ts';
import { expectAll } from './answer.ts';
import type { Engine, EngineRequest } from './engine.port.ts';

const shape = Type.Object({ translations: Type.Array(Type.String()) }, { additionalProperties: false });

/** A translation is hardly ever longer than this for each character. */
const tokensPerCharacterMax = 2;

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
  async translate(post, { model, ...access }, request) {
    const { value } = await chat(post, { ...access, model: model ?? '' }, translationRequest(request));
    return expectAll(request.texts, value.translations);
  },
};

/** What a chat model is asked for. */
export function translationRequest({
  texts,
  source,
  target,
}: Pick<EngineRequest, 'texts' | 'source' | 'target'>): ChatRequest<typeof shape> {
  const characters = texts.reduce((sum, text) => sum + text.length, 0);
  return {
    system: promptOf('translate', { source, target }).text,
    data: [asData({ texts })],
    ...{ name: 'translations', shape, isStreamed: false },
    outputTokensMax: 200 + characters * tokensPerCharacterMax,
  };
}
