import {
  coerceInputValue,
  type GraphQLError,
  type GraphQLInputType,
  type GraphQLSchema,
  isInputType,
  isNonNullType,
  type OperationDefinitionNode,
  print,
  typeFromAST,
  type VariableDefinitionNode,
} from 'graphql';
import { refusal, shortened } from '../errors.ts';
import type { GatewayLimits } from '../limits.ts';

export type Variables = Readonly<Record<string, unknown>>;

/** More problems than this are not looked for: a value can have as many as it has fields. */
const problemsMax = 5;

/** Thrown to end a check early, because graphql-js goes on as long as its callback returns. */
class EnoughProblems extends Error {}

/** What does not fit the variables' types. graphql-js would repeat the whole value in each of its errors. */
export function checkVariables(
  schema: GraphQLSchema,
  { variableDefinitions = [] }: OperationDefinitionNode,
  given: Variables,
  limits: Pick<GatewayLimits, 'variableValuesMax' | 'variableDepthMax'>,
): readonly GraphQLError[] {
  const tooLarge = sizeProblem(given, limits);
  if (tooLarge !== null) return [tooLarge];
  const problems: GraphQLError[] = [];
  const note = (message: string): void => {
    problems.push(refusal('BAD_USER_INPUT', shortened(message)));
    if (problems.length >= problemsMax) throw new EnoughProblems();
  };
  try {
    for (const definition of variableDefinitions) checkVariable(schema, definition, given, note);
  } catch (cause) {
    if (!(cause instanceof EnoughProblems)) throw cause;
  }
  return problems;
}

function checkVariable(
  schema: GraphQLSchema,
  definition: VariableDefinitionNode,
  given: Variables,
  note: (message: string) => void,
): void {
  const name = definition.variable.name.value;
  const type: unknown = typeFromAST(schema, definition.type);
  if (!isInput(type)) return;
  const value = Object.hasOwn(given, name) ? given[name] : undefined;
  if (value === undefined) {
    const isRequired = isNonNullType(type) && definition.defaultValue === undefined;
    if (isRequired) note(`Variable "$${name}" of required type "${print(definition.type)}" was not provided.`);
    return;
  }
  if (value === null) {
    if (isNonNullType(type)) note(`Variable "$${name}" of non-null type "${print(definition.type)}" must not be null.`);
    return;
  }
  coerceInputValue(value, type, (path, _value, { message }) => {
    note(`Variable "$${[name, ...path].join('.')}" does not fit: ${message}`);
  });
}

function isInput(type: unknown): type is GraphQLInputType {
  return isInputType(type);
}

/** Counts the values of lists and objects, and stops at the limit. */
function sizeProblem(
  given: Variables,
  { variableValuesMax, variableDepthMax }: Pick<GatewayLimits, 'variableValuesMax' | 'variableDepthMax'>,
): GraphQLError | null {
  let level: unknown[] = Object.values(given);
  let values = level.length;
  for (let depth = 1; level.length > 0; depth += 1) {
    if (values > variableValuesMax) return tooLarge('values in variables', variableValuesMax);
    if (depth > variableDepthMax) return tooLarge('levels of values in variables', variableDepthMax);
    level = level.flatMap((value) => (typeof value === 'object' && value !== null ? Object.values(value) : []));
    values += level.length;
  }
  return null;
}

function tooLarge(unit: string, limit: number): GraphQLError {
  return refusal('QUERY_TOO_LARGE', `at most ${limit} ${unit} are allowed`, { unit, limit });
}
