import { answerOverHttp } from '@crossdesk/demo';
import { waitFor } from '@crossdesk/testkit/waiting';

export interface Answer<Data = Record<string, unknown>> {
  readonly data: Data | null;
  readonly errors: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[];
}

/** A caller of the public GraphQL address. */
export interface Api {
  readonly token: string | null;
  /** The unchanged answer. */
  answer<Data>(query: string, variables?: Record<string, unknown>): Promise<Answer<Data>>;
  /** The data; throws when there are errors. */
  ask<Data>(query: string, variables?: Record<string, unknown>): Promise<Data>;
}

export function createApi(url: () => string, token: string | null): Api {
  async function answer<Data>(query: string, variables: Record<string, unknown> = {}): Promise<Answer<Data>> {
    const answering = answerOverHttp(url(), token, { query, variables });
    return (await waitFor(`an answer to ${query.slice(0, 60)}`, answering, { withinMs: 60_000 })) as Answer<Data>;
  }
  return {
    token,
    answer,
    async ask<Data>(query: string, variables?: Record<string, unknown>) {
      const { data, errors } = await answer<Data>(query, variables);
      if (data === null || errors.length > 0)
        throw new Error(`refused: ${JSON.stringify(errors)} for ${query.slice(0, 200)}`);
      return data;
    },
  };
}
