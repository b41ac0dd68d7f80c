import type { GraphQLError } from 'graphql';

/** By the context of the operation, which is new for each. */
const noted = new WeakMap<object, Map<string, GraphQLError>>();

/** Adds an error to the answer, once however many fields have it, while each of them keeps its value. */
export function noteProblem(context: object, problem: GraphQLError): void {
  const problems = noted.get(context) ?? new Map<string, GraphQLError>();
  noted.set(context, problems.set(problem.message, problem));
}

export function problemsNoted(context: object): readonly GraphQLError[] {
  return [...(noted.get(context)?.values() ?? [])];
}
