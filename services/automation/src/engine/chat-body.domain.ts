import type { TObject } from '@sinclair/typebox';

export interface ChatRequest<Shape extends TObject> {
  /** The instructions. */
  readonly system: string;
  /** The data, each part a message of its own. */
  readonly data: readonly string[];
  /** The name and shape of the answer. */
  readonly name: string;
  readonly shape: Shape;
  readonly outputTokensMax: number;
  /** Whether the model may send its answer in parts, so that silence is noticed early. */
  readonly isStreamed: boolean;
}

/** What a server is asked for besides the messages. Not every server knows all of it. */
export interface ChatOptions {
  readonly format: 'schema' | 'json' | 'text';
  readonly isStreamed: boolean;
  readonly hasTemperature: boolean;
  readonly limit: 'max_tokens' | 'max_completion_tokens' | null;
}

export function firstOptions({ isStreamed }: Pick<ChatRequest<TObject>, 'isStreamed'>): ChatOptions {
  return { format: 'schema', isStreamed, hasTemperature: true, limit: 'max_tokens' };
}

/** What to ask for after a server refused `options`, by the parameter that it named; null: there is nothing left out yet. */
export function simpler(options: ChatOptions, parameter: string | null): ChatOptions | null {
  const named = parameter?.split('.', 1)[0];
  if (named === 'temperature' && options.hasTemperature) return { ...options, hasTemperature: false };
  if (named === 'max_tokens' && options.limit === 'max_tokens') return { ...options, limit: 'max_completion_tokens' };
  if (named === 'max_completion_tokens' && options.limit !== null) return { ...options, limit: null };
  if ((named === 'stream' || named === 'stream_options') && options.isStreamed)
    return { ...options, isStreamed: false };
  if (options.format === 'schema') return { ...options, format: 'json' };
  if (options.format === 'json') return { format: 'text', isStreamed: false, hasTemperature: false, limit: null };
  return null;
}

export function bodyFor<Shape extends TObject>(
  model: string,
  { system, data, name, shape, outputTokensMax }: ChatRequest<Shape>,
  { format, isStreamed, hasTemperature, limit }: ChatOptions,
): object {
  const schema = { type: 'json_schema', json_schema: { name, strict: true, schema: shape } };
  return {
    model,
    messages: [{ role: 'system', content: system }, ...data.map((content) => ({ role: 'user', content }))],
    ...(hasTemperature ? { temperature: 0 } : {}),
    ...(limit === null ? {} : { [limit]: outputTokensMax }),
    ...(format === 'text' ? {} : { response_format: format === 'schema' ? schema : { type: 'json_object' } }),
    ...(isStreamed ? { stream: true, stream_options: { include_usage: true } } : {}),
  };
}
