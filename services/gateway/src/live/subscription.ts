import type { Logger } from '@crossdesk/service-kit';
import { type ExecutionResult, GraphQLError } from 'graphql';
import { publicError } from '../errors.ts';
import type { StreamReader } from './stream-reader.ts';

/** The results of a subscription, one per event. */
export type LiveAnswers = AsyncGenerator<ExecutionResult, undefined, undefined>;

export interface SubscriptionSpec {
  readonly reader: StreamReader;
  readonly requestId: string;
  readonly log: Logger;
  onShown(): void;
  onEnd(): void;
}

const done = { done: true, value: undefined } as const;

/** A reader as graphql-ws runs it: ended by `return` at any moment, and by the first failure. */
export function toSubscription({ reader, requestId, log, onShown, onEnd }: SubscriptionSpec): LiveAnswers {
  let isEnded = false;

  async function end(): Promise<typeof done> {
    if (!isEnded) onEnd();
    isEnded = true;
    await reader.stop();
    return done;
  }

  const answers: LiveAnswers = {
    async next() {
      if (isEnded) return done;
      try {
        const value = await reader.next();
        if (value === null || isEnded) return done;
        onShown();
        return { done: false, value };
      } catch (cause) {
        await end();
        throw publicError(streamError(cause), { log, requestId });
      }
    },
    return: end,
    async throw(cause) {
      await end();
      throw cause;
    },
    [Symbol.asyncIterator]: () => answers,
    async [Symbol.asyncDispose]() {
      await end();
    },
  };
  return answers;
}

function streamError(cause: unknown): GraphQLError {
  if (cause instanceof GraphQLError) return cause;
  return new GraphQLError('the stream failed', cause instanceof Error ? { originalError: cause } : {});
}
