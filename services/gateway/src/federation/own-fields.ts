import { createHash } from 'node:crypto';
import type { Logger, RequestContext } from '@crossdesk/service-kit';
import {
  type DocumentNode,
  execute,
  type ExecutionResult,
  type FieldNode,
  Kind,
  type OperationDefinitionNode,
  print,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { publicError } from '../errors.ts';
import type { PreparedDocument, PreparedOperation } from '../graphql/documents.ts';
import type { Fragments } from '../graphql/shape.ts';
import type { Federation, Operation } from './federation.ts';

/** The root fields that the gateway answers itself, beside introspection. */
export type OwnFields = Readonly<Record<string, OwnField>>;
type OwnField = (context: RequestContext, args: Readonly<Record<string, unknown>>) => Promise<unknown>;

interface Split {
  readonly own: DocumentNode;
  /** Null when no service is needed. */
  readonly rest: Pick<PreparedDocument, 'text' | 'hash' | 'ast'> | null;
  /** The names of the fields in the answer, in the order of the operation. */
  readonly responseKeys: readonly string[];
}

const introspectionFields = ['__schema', '__type'];

/**
 * Answers introspection and the gateway's own fields with graphql-js and leaves the rest to the services: Apollo's
 * executor does not know every field of introspection that graphql-js accepts.
 */
export function withOwnFields(federation: Federation, fields: OwnFields, log: Logger): Federation {
  const { schema } = federation;
  const splits = new WeakMap<PreparedOperation, Split>();
  const isOwn = (name: string) => introspectionFields.includes(name) || Object.hasOwn(fields, name);

  function splitOf({ document }: Operation, operation: PreparedOperation): Split {
    const split = splits.get(operation) ?? splitIn(document, operation, isOwn);
    splits.set(operation, split);
    return split;
  }

  return {
    ...federation,
    async execute(asked) {
      const operation = asked.document.operationOf(asked.operationName);
      if (operation === null || !operation.rootFields.some(isOwn)) return federation.execute(asked);
      const { own, rest, responseKeys } = splitOf(asked, operation);
      const { context, variables } = asked;
      const answering = execute({
        schema,
        document: own,
        variableValues: { ...variables },
        rootValue: Object.fromEntries(
          Object.entries(fields).map(([name, read]) => [name, (args: Parameters<OwnField>[1]) => read(context, args)]),
        ),
      });
      const [answered, others] = await Promise.all([
        answering,
        rest === null ? {} : federation.execute({ ...asked, document: { ...asked.document, ...rest } }),
      ]);
      const errors = answered.errors?.map((error) => publicError(error, { log, requestId: context.requestId })) ?? [];
      return merged(responseKeys, { ...answered, errors }, others);
    },
  };
}

function merged(responseKeys: readonly string[], own: ExecutionResult, others: ExecutionResult): ExecutionResult {
  const errors = [...(own.errors ?? []), ...(others.errors ?? [])];
  const known: Readonly<Record<string, unknown>> = { ...own.data, ...others.data };
  const data = Object.fromEntries(responseKeys.filter((key) => key in known).map((key) => [key, known[key]]));
  return errors.length === 0 ? { data } : { data, errors };
}

function splitIn(
  { ast, fragments }: PreparedDocument,
  { definition, rootFields }: PreparedOperation,
  isOwn: (name: string) => boolean,
): Split {
  const isOurs = (name: string) => isOwn(name) || name === '__typename';
  const documentOf = (isWanted: (name: string) => boolean): DocumentNode => {
    const selectionSet = rootSet(definition.selectionSet, fragments, ({ name }) => isWanted(name.value));
    const operation: OperationDefinitionNode = { ...definition, selectionSet };
    const others = ast.definitions.filter(({ kind }) => kind !== Kind.OPERATION_DEFINITION);
    return { kind: Kind.DOCUMENT, definitions: [operation, ...others] };
  };
  return {
    own: documentOf(isOurs),
    rest: rootFields.every(isOurs) ? null : withText(documentOf((name) => !isOurs(name))),
    responseKeys: keysIn(rootSet(definition.selectionSet, fragments, () => true)),
  };
}

function withText(ast: DocumentNode): NonNullable<Split['rest']> {
  const text = print(ast);
  return { text, hash: createHash('sha256').update(text).digest('hex'), ast };
}

/** The root fields that are wanted, with the fragments around them written out. */
function rootSet(
  set: SelectionSetNode,
  fragments: Fragments,
  isWanted: (field: FieldNode) => boolean,
): SelectionSetNode {
  const selections = set.selections.flatMap((selection): SelectionNode[] => {
    if (selection.kind === Kind.FIELD) return isWanted(selection) ? [selection] : [];
    const inside =
      selection.kind === Kind.INLINE_FRAGMENT ? selection.selectionSet : fragments.get(selection.name.value);
    if (inside === undefined) return [];
    const kept = rootSet(inside, fragments, isWanted);
    if (kept.selections.length === 0) return [];
    const { directives } = selection;
    return [{ kind: Kind.INLINE_FRAGMENT, selectionSet: kept, ...(directives === undefined ? {} : { directives }) }];
  });
  return { kind: Kind.SELECTION_SET, selections };
}

function keysIn({ selections }: SelectionSetNode): string[] {
  return selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return [selection.alias?.value ?? selection.name.value];
    return selection.kind === Kind.INLINE_FRAGMENT ? keysIn(selection.selectionSet) : [];
  });
}
