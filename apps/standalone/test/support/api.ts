export interface Answer<Data = Record<string, unknown>> {
  readonly data: Data | null;
  readonly errors: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[];
}

/** A caller of the public GraphQL address. */
export interface Api {
  readonly token: string | null;
  /** The answer as it came. */
  answer<Data>(query: string, variables?: Record<string, unknown>): Promise<Answer<Data>>;
  /** The data; throws when there are errors. */
  ask<Data>(query: string, variables?: Record<string, unknown>): Promise<Data>;
}

export function createApi(url: () => string, token: string | null): Api {
  async function answer<Data>(query: string, variables: Record<string, unknown> = {}): Promise<Answer<Data>> {
    const response = await fetch(url(), {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/graphql-response+json',
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({ query, variables }),
    });
    const { data = null, errors = [] } = (await response.json()) as Partial<Answer<Data>>;
    return { data, errors };
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
