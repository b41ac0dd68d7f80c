import type { GraphQLError, GraphQLSchema } from 'graphql';
import { refusal } from '../errors.ts';
import type { GatewayLimits } from '../limits.ts';
import type { Admission, Asker, Charged } from './admission.ts';
import type { Documents, Preparation, PreparedDocument, PreparedOperation } from './documents.ts';
import { checkVariables, type Variables } from './variables.ts';

export interface Asked {
  readonly query: string;
  readonly operationName: string | null;
  readonly variables: Variables;
}

/** An operation that may run. */
export interface Admitted {
  readonly ok: true;
  readonly document: PreparedDocument;
  readonly operation: PreparedOperation;
  readonly charged: Charged;
}

export type Entered = Admitted | { readonly ok: false; readonly errors: readonly GraphQLError[] };

/** The one way in for operations of clients, over HTTP and over sockets. */
export interface Entry {
  /** `unfit` says whether this transport can take the operation. */
  enter(asker: Asker, asked: Asked, unfit: (operation: PreparedOperation) => GraphQLError | null): Entered;
  /** Counts a token that is not valid against its address; returns a refusal after too many. */
  noteBadToken(address: string): GraphQLError | null;
}

export interface EntryDeps {
  readonly schema: GraphQLSchema;
  readonly documents: Documents;
  readonly admission: Admission;
  readonly limits: GatewayLimits;
}

/** Documents up to this length are also read for callers who have had too much refused, so that they can sign in. */
const alwaysReadCharactersMax = 2_000;
/** One unit of refused work is about a millisecond: so many characters are read and checked in it. */
const charactersPerUnit = 1_000;

/** Orders the checks by what they cost; a document is validated and kept only for a caller who may ask for its fields. */
export function createEntry({ schema, documents, admission, limits }: EntryDeps): Entry {
  function check(asker: Asker, asked: Asked, unfit: Parameters<Entry['enter']>[2]): Entered {
    const known = documents.known(asked.query);
    const tired = known === null ? admission.tiredOf(asker) : null;
    const isSmall = asker.caller.kind === 'anonymous' && asked.query.length <= alwaysReadCharactersMax;
    if (tired !== null && !isSmall) return refuse(tired);
    const read: Preparation = known === null ? documents.read(asked.query) : { ok: true, document: known };
    if (!read.ok) return refuse(tired ?? read.errors);
    const operation = read.document.operationOf(asked.operationName);
    if (operation === null)
      return refuse(refusal('BAD_REQUEST', 'name one operation of the document in operationName'));
    const misplaced = unfit(operation);
    if (misplaced !== null) return refuse(misplaced);
    const closed = admission.closedFieldsOf(asker, operation);
    if (closed.length > 0) return refuse(tired ?? signInFirst(closed));
    const problems = known === null ? documents.validate(read.document) : [];
    if (problems.length > 0) return refuse(tired ?? problems);
    const unfitting = checkVariables(schema, operation.definition, asked.variables, limits);
    if (unfitting.length > 0) return refuse(unfitting);
    const charged = admission.admit(asker, operation, operation.cost(asked.variables));
    if (!('used' in charged)) return refuse(charged);
    return { ok: true, document: known ?? documents.keep(read.document), operation, charged };
  }

  return {
    enter(asker, asked, unfit) {
      const entered = check(asker, asked, unfit);
      if (!entered.ok) admission.noteRefused(asker, 1 + Math.floor(asked.query.length / charactersPerUnit));
      return entered;
    },
    noteBadToken(address) {
      const asker: Asker = { caller: { kind: 'anonymous' }, address };
      admission.noteRefused(asker, 1);
      return admission.tiredOf(asker);
    },
  };
}

function refuse(errors: GraphQLError | readonly GraphQLError[]): Entered {
  return { ok: false, errors: 'message' in errors ? [errors] : errors };
}

function signInFirst(fields: readonly string[]): GraphQLError {
  return refusal(
    'UNAUTHENTICATED',
    `${fields.join(', ')} ${fields.length === 1 ? 'needs' : 'need'} a signed-in caller: send "Authorization: Bearer …" with the accessToken of signIn or an API token`,
  );
}
