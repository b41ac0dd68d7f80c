import type { Static, TObject } from '@sinclair/typebox';
import { expectDone } from './answer.ts';
import { answerIn, type ChatAnswer, errorIn } from './chat-answer.domain.ts';
import { bodyFor, type ChatRequest, firstOptions, simpler } from './chat-body.domain.ts';
import type { EngineFailure, HttpAnswer, Post } from './engine-error.domain.ts';

/** A model behind the chat completions API of OpenAI, with its key opened. */
export interface ChatAccess {
  readonly baseUrl: string;
  readonly apiKey: string | null;
  readonly model: string;
}

/**
 * Asks a model for an answer of a fixed shape. A server that refuses a part of the request is asked again without it; in
 * the end for text, which has to be JSON all the same. @throws EngineError unless the answer has the shape
 */
export async function chat<Shape extends TObject>(
  post: Post,
  { baseUrl, apiKey, model }: ChatAccess,
  request: ChatRequest<Shape>,
): Promise<ChatAnswer<Static<Shape>>> {
  const headers = apiKey === null ? {} : { authorization: `Bearer ${apiKey}` };
  const url = `${baseUrl}/chat/completions`;
  let options = firstOptions(request);
  for (;;) {
    const answer = await post({ url, headers, body: bodyFor(model, request, options) });
    const next = isRefused(answer) ? simpler(options, errorIn(answer.json).parameter) : null;
    if (next === null) {
      expectDone(answer, meaningOf);
      return answerIn(request.shape, answer);
    }
    options = next;
  }
}

/** Whether the server may answer a simpler request. */
function isRefused(answer: HttpAnswer): boolean {
  return (answer.status === 400 || answer.status === 422) && meaningOf(answer) === null;
}

const meanings: Readonly<Record<string, EngineFailure>> = {
  insufficient_quota: 'quota',
  content_filter: 'declined',
  content_policy_violation: 'declined',
  context_length_exceeded: 'request',
};

function meaningOf({ json }: HttpAnswer): EngineFailure | null {
  return meanings[errorIn(json).code] ?? null;
}
