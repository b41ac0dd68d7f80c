/** Sends an operation to the API with somebody's sign-in and returns the data. @throws Error when it was refused */
export type Ask = (query: string, variables: Record<string, unknown>) => Promise<unknown>;

export interface UserError {
  readonly code: string;
  readonly message: string;
}

export interface Answer {
  /** Null when the whole request failed. */
  readonly data: unknown;
  readonly errors: readonly unknown[];
}

/**
 * Sends one operation over HTTP, as a front end does, and returns the unchanged answer.
 * @throws Error with the HTTP status when the answer says nothing else: a proxy's page, an empty body
 */
export async function answerOverHttp(
  graphqlUrl: string,
  token: string | null,
  operation: { readonly query: string; readonly variables: Record<string, unknown> },
  signal?: AbortSignal,
): Promise<Answer> {
  const response = await fetch(graphqlUrl, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/graphql-response+json',
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(operation),
    ...(signal === undefined ? {} : { signal }),
  });
  const answer: unknown = await response.json().catch(() => null);
  const data = fieldIn(answer, 'data');
  const errors = listIn(answer, 'errors');
  if (data === undefined && !errors.some((error) => textIn(error, 'message') !== null))
    throw new Error(`no GraphQL answer at ${graphqlUrl}: HTTP ${response.status} ${response.statusText}`);
  return { data: data ?? null, errors };
}

export function askOverHttp(graphqlUrl: string, token: string | null): Ask {
  return async (query, variables) => {
    const signal = AbortSignal.timeout(20_000);
    const { data, errors } = await answerOverHttp(graphqlUrl, token, { query, variables }, signal);
    const [problem] = errors;
    if (problem !== undefined) throw new Error(`the API refused: ${textIn(problem, 'message') ?? 'no reason given'}`);
    return data;
  };
}

export function fieldIn(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

export function textIn(value: unknown, name: string): string | null {
  const found = fieldIn(value, name);
  return typeof found === 'string' ? found : null;
}

/** The errors of a refused mutation. */
export function userErrorsIn(payload: unknown): UserError[] {
  return listIn(payload, 'errors').map((error) => ({
    code: textIn(error, 'code') ?? '',
    message: textIn(error, 'message') ?? '',
  }));
}

export function listIn(value: unknown, name: string): readonly unknown[] {
  const found = fieldIn(value, name);
  return Array.isArray(found) ? found : [];
}
