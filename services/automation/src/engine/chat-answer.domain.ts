import { type Static, type TObject, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { createParser } from 'eventsource-parser';
import { EngineError, type HttpAnswer } from './engine-error.domain.ts';

const Text = Type.Optional(Type.Union([Type.String(), Type.Null()]));
const Count = Type.Integer({ minimum: 0, maximum: 10_000_000 });
const usageSchema = Type.Object({ prompt_tokens: Count, completion_tokens: Count });
const messageSchema = Type.Object({ content: Text, refusal: Text });
const answerSchema = Type.Object({
  choices: Type.Array(Type.Object({ finish_reason: Text, message: messageSchema }), { minItems: 1 }),
  usage: Type.Optional(Type.Unknown()),
});
const partSchema = Type.Object({
  choices: Type.Array(Type.Object({ finish_reason: Text, delta: messageSchema })),
  usage: Type.Optional(Type.Unknown()),
});
const errorSchema = Type.Object({ error: Type.Object({ code: Type.Optional(Type.Unknown()), param: Text }) });

/** What a model said, whole or put together from its parts. */
interface Said {
  readonly content: string;
  readonly refusal: string | null;
  readonly finish: string | null;
  readonly usage: Usage | null;
}

/** Tokens, as the server counts them. */
export interface Usage {
  readonly input: number;
  readonly output: number;
}

export interface ChatAnswer<Value> {
  readonly value: Value;
  /** Null if the server does not tell. */
  readonly usage: Usage | null;
}

/** The answer of a model in the shape that it was asked for. @throws EngineError for anything else */
export function answerIn<Shape extends TObject>(shape: Shape, answer: HttpAnswer): ChatAnswer<Static<Shape>> {
  const said = saidIn(answer);
  if (said.refusal !== null || said.finish === 'content_filter')
    throw new EngineError('declined', 'the model declined');
  if (said.finish === 'length') throw new EngineError('rubbish', 'the answer was cut off');
  const value = jsonIn(said.content);
  if (Value.Check(shape, value)) return { value, usage: said.usage };
  throw new EngineError('rubbish', 'the answer has another shape');
}

function saidIn(answer: HttpAnswer): Said {
  const type = answer.headers['content-type'] ?? '';
  if (type.startsWith('text/event-stream')) return saidInParts(answer.text);
  const { json } = answer;
  const [choice] = Value.Check(answerSchema, json) ? json.choices : [];
  if (!Value.Check(answerSchema, json) || choice === undefined)
    throw new EngineError('rubbish', 'the answer has another shape');
  const { content, refusal } = choice.message;
  return {
    content: content ?? '',
    refusal: refusal ?? null,
    finish: choice.finish_reason ?? null,
    usage: usageIn(json.usage),
  };
}

function saidInParts(text: string): Said {
  let isWhole = false;
  let said: Said = { content: '', refusal: null, finish: null, usage: null };
  const parser = createParser({
    onEvent({ data }) {
      if (data === '[DONE]') isWhole = true;
      else said = withPart(said, data);
    },
  });
  parser.feed(text);
  // Some servers end without the mark: a reason to end is enough.
  if (isWhole || said.finish !== null) return said;
  throw new EngineError('unavailable', 'the answer broke off');
}

function withPart(said: Said, data: string): Said {
  const part = parsed(data);
  if (Value.Check(errorSchema, part)) throw new EngineError('unavailable', 'the model failed in the middle');
  if (!Value.Check(partSchema, part)) throw new EngineError('rubbish', 'a part has another shape');
  const [choice] = part.choices;
  const refusal = choice?.delta.refusal ?? null;
  return {
    content: said.content + (choice?.delta.content ?? ''),
    refusal: refusal === null ? said.refusal : (said.refusal ?? '') + refusal,
    finish: choice?.finish_reason ?? said.finish,
    usage: usageIn(part.usage) ?? said.usage,
  };
}

function usageIn(usage: unknown): Usage | null {
  if (!Value.Check(usageSchema, usage)) return null;
  return { input: usage.prompt_tokens, output: usage.completion_tokens };
}

/** The JSON in a text: some models put a fence around it, or think aloud before it. */
function jsonIn(content: string): unknown {
  const whole = parsed(content.trim());
  if (whole !== undefined) return whole;
  const part = parsed(content.slice(content.indexOf('{'), content.lastIndexOf('}') + 1));
  if (part === undefined) throw new EngineError('rubbish', 'the answer is no JSON');
  return part;
}

/** Undefined for text that is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The code and the parameter in the body of an error; empty and null if it names none. */
export function errorIn(json: unknown): { readonly code: string; readonly parameter: string | null } {
  if (!Value.Check(errorSchema, json)) return { code: '', parameter: null };
  const { code, param } = json.error;
  return { code: typeof code === 'string' ? code : '', parameter: param ?? null };
}
