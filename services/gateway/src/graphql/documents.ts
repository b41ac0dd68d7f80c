import { createHash } from 'node:crypto';
import {
  type DocumentNode,
  type FieldNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  NoSchemaIntrospectionCustomRule,
  type OperationDefinitionNode,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import { refusal, shortened } from '../errors.ts';
import type { GatewayLimits } from '../limits.ts';
import { costOf } from './cost.ts';
import { checkShape, type Fragments, fragmentsOf, rootFieldsOf } from './shape.ts';

export interface PreparedOperation {
  readonly definition: OperationDefinitionNode;
  /** In order, those inside fragments included. */
  readonly rootFields: readonly string[];
  cost(variables: Readonly<Record<string, unknown>>): number;
}

/** A document that is valid and within the limits. */
export interface PreparedDocument {
  readonly text: string;
  readonly hash: string;
  readonly ast: DocumentNode;
  readonly fragments: Fragments;
  /** The operation of this name, or without a name the only one; null when there is none. */
  operationOf(name: string | null): PreparedOperation | null;
}

export type Preparation =
  | { readonly ok: true; readonly document: PreparedDocument }
  | { readonly ok: false; readonly errors: readonly GraphQLError[] };

export interface Documents {
  /** The document of this text, if a caller was admitted with it before. */
  known(text: string): PreparedDocument | null;
  /** Parses a text and checks its size; not yet against the schema. */
  read(text: string): Preparation;
  /** The problems of a document by the schema. */
  validate(document: PreparedDocument): readonly GraphQLError[];
  /** Remembers a valid document, and returns it in the form to be used from now on. */
  keep(document: PreparedDocument): PreparedDocument;
}

/** The memory for documents. */
const keptBytesMax = 16 * 1024 * 1024;
/** Measured without locations: 33 bytes a character, and with the locations of its tokens 83. */
const bytesPerCharacter = 35;
const validationErrorsMax = 5;

/** Parses documents, checks them against limits and schema, and keeps the most recently used ones. */
export function createDocuments(schema: GraphQLSchema, limits: GatewayLimits, introspection: boolean): Documents {
  const kept = new LRUCache<string, PreparedDocument>({
    maxSize: keptBytesMax,
    sizeCalculation: ({ text }) => bytesPerCharacter * (text.length + 100),
  });
  const rules = introspection ? specifiedRules : [...specifiedRules, NoSchemaIntrospectionCustomRule];

  return {
    known: (text) => kept.get(text) ?? null,
    read(text) {
      try {
        const ast = parse(text, { maxLexicalTokens: limits.tokensMax });
        const problems = checkShape(ast, limits);
        return problems.length > 0
          ? { ok: false, errors: problems }
          : { ok: true, document: prepared(text, ast, schema) };
      } catch (problem) {
        if (problem instanceof GraphQLError) return { ok: false, errors: [parseProblem(problem, limits.tokensMax)] };
        // The parser calls itself for each list within a list, and few enough tokens can still use up the stack.
        if (problem instanceof RangeError) return { ok: false, errors: [tooNested()] };
        throw problem;
      }
    },
    validate: ({ ast }) =>
      validate(schema, ast, rules, { maxErrors: validationErrorsMax }).map((problem) =>
        validationProblem(problem, introspection),
      ),
    keep({ text }) {
      // Locations are only for the errors of a check that it has passed.
      const document = prepared(text, parse(text, { noLocation: true }), schema);
      kept.set(text, document);
      return document;
    },
  };
}

function prepared(text: string, ast: DocumentNode, schema: GraphQLSchema): PreparedDocument {
  const fragments = fragmentsOf(ast);
  const operations = ast.definitions
    .filter((definition) => definition.kind === Kind.OPERATION_DEFINITION)
    .map((definition): PreparedOperation => ({
      definition,
      rootFields: rootFieldsOf(definition.selectionSet, fragments),
      cost: (variables) => costOf(definition, { schema, fragments, variables }),
    }));
  return {
    text,
    hash: createHash('sha256').update(text).digest('hex'),
    ast,
    fragments,
    operationOf(name) {
      if (name === null) return operations.length === 1 ? (operations[0] ?? null) : null;
      return operations.find(({ definition }) => definition.name?.value === name) ?? null;
    },
  };
}

function parseProblem(problem: GraphQLError, tokensMax: number): GraphQLError {
  if (problem.message.includes('tokens')) {
    return refusal(
      'QUERY_TOO_LARGE',
      `this document has more than ${tokensMax} tokens; at most ${tokensMax} are allowed`,
      {
        unit: 'tokens',
        limit: tokensMax,
      },
    );
  }
  return withCode(problem, 'GRAPHQL_PARSE_FAILED', problem.message);
}

function tooNested(): GraphQLError {
  return refusal('QUERY_TOO_LARGE', 'the values of this document are nested too deeply', { unit: 'levels of values' });
}

function validationProblem(problem: GraphQLError, introspection: boolean): GraphQLError {
  const asked = problem.nodes?.[0];
  const isIntrospection = asked?.kind === Kind.FIELD && isIntrospectionField(asked);
  if (!introspection && isIntrospection) {
    return withCode(
      problem,
      'INTROSPECTION_DISABLED',
      'the schema is not shown here: ask the operator for the SDL file',
    );
  }
  // Suggestions would reveal a hidden schema, one guess at a time.
  const message = introspection ? problem.message : problem.message.replace(/ Did you mean .*$/s, '');
  return withCode(problem, 'GRAPHQL_VALIDATION_FAILED', message);
}

function isIntrospectionField({ name }: FieldNode): boolean {
  return name.value === '__schema' || name.value === '__type';
}

function withCode(problem: GraphQLError, code: string, message: string): GraphQLError {
  const { source, positions } = problem;
  return new GraphQLError(shortened(message), {
    ...(source === undefined ? {} : { source }),
    ...(positions === undefined ? {} : { positions }),
    extensions: { code },
  });
}
