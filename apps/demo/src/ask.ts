/** Asks the API something in the name of somebody; the data of the answer. @throws Error when it was refused */
export type Ask = (query: string, variables: Record<string, unknown>) => Promise<unknown>;

export interface UserError {
  readonly code: string;
  readonly message: string;
}

/** Over HTTP, as every front end does. */
export function askOverHttp(graphqlUrl: string, token: string | null): Ask {
  return async (query, variables) => {
    const response = await fetch(graphqlUrl, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/graphql-response+json',
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(20_000),
    });
    const answer: unknown = await response.json();
    const [problem] = listIn(answer, 'errors');
    if (problem !== undefined) throw new Error(`the API refused: ${textIn(problem, 'message') ?? response.status}`);
    return fieldIn(answer, 'data');
  };
}

export function fieldIn(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

export function textIn(value: unknown, name: string): string | null {
  const found = fieldIn(value, name);
  return typeof found === 'string' ? found : null;
}

/** What a mutation refused, in its own words. */
export function userErrorsIn(payload: unknown): UserError[] {
  return listIn(payload, 'errors').map((error) => ({
    code: textIn(error, 'code') ?? '',
    message: textIn(error, 'message') ?? '',
  }));
}

function listIn(value: unknown, name: string): readonly unknown[] {
  const found = fieldIn(value, name);
  return Array.isArray(found) ? found : [];
}
