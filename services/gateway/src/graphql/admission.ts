import { type Budget, type Caller, createBudget, networkOf, type Remainder } from '@crossdesk/service-kit';
import { type GraphQLError, OperationTypeNode } from 'graphql';
import { refusal } from '../errors.ts';
import type { GatewayLimits } from '../limits.ts';
import type { PreparedOperation } from './documents.ts';

export interface Asker {
  readonly caller: Caller;
  readonly address: string;
}

/** What an operation was charged, and what its caller has left of this minute. */
export interface Charged extends Remainder {
  readonly used: number;
  readonly limit: number;
}

export interface Admission {
  /** The fields that this caller may not ask for; none for a signed-in caller. */
  closedFieldsOf(asker: Asker, operation: PreparedOperation): readonly string[];
  /** Charges the operation, or says why it may not run now. */
  admit(asker: Asker, operation: PreparedOperation, cost: number): Charged | GraphQLError;
  /** The refusal for a caller who has had too much work refused in this minute; else null. */
  tiredOf(asker: Asker): GraphQLError | null;
  /** Charges work that ended in a refusal. */
  noteRefused(asker: Asker, units: number): void;
}

/** Who has to set up a second factor to sign in has no token yet. */
const setUp = ['beginSecondFactor', 'confirmSecondFactor'];

/** The fields that need no token. */
const publicFields: Readonly<Record<OperationTypeNode, readonly string[]>> = {
  [OperationTypeNode.QUERY]: ['__typename', '__schema', '__type'],
  [OperationTypeNode.MUTATION]: [
    '__typename',
    'signIn',
    'completeSignIn',
    'refreshSession',
    ...setUp,
    'createWorkspace',
  ],
  [OperationTypeNode.SUBSCRIPTION]: [],
};

/**
 * Decides before planning whether a caller may run an operation. The budgets per minute are separate, so that neither
 * bad tokens nor refused documents of one person at an address keep the others there from signing in.
 */
export function createAdmission(limits: GatewayLimits): Admission {
  const costs = createBudget(limits.costPerMinuteMax);
  const anonymousCosts = createBudget(limits.anonymousCostPerMinuteMax);
  const signIns = createBudget(limits.signInsPerMinuteMax);
  const refusals = createBudget(limits.refusedWorkPerMinuteMax);

  return {
    closedFieldsOf({ caller }, { definition, rootFields }) {
      if (caller.kind !== 'anonymous') return [];
      return rootFields.filter((field) => !publicFields[definition.operation].includes(field));
    },
    admit(asker, { definition, rootFields }, cost) {
      if (cost > limits.costMax) return tooCostly(cost, limits.costMax);
      const key = keyOf(asker);
      const isAnonymous = asker.caller.kind === 'anonymous';
      if (isAnonymous && definition.operation === OperationTypeNode.MUTATION) {
        const count = rootFields.filter((field) => field !== '__typename').length;
        if (!signIns.charge(key, count)) return rateLimited('sign-ins', signIns, key);
      }
      const budget = isAnonymous ? anonymousCosts : costs;
      if (!budget.charge(key, cost)) return rateLimited('units of cost', budget, key);
      return { used: cost, limit: budget.perMinuteMax, ...budget.remainderOf(key) };
    },
    tiredOf(asker) {
      const key = keyOf(asker);
      return refusals.remainderOf(key).left > 0 ? null : rateLimited('units of refused work', refusals, key);
    },
    noteRefused: (asker, units) => refusals.spend(keyOf(asker), units),
  };
}

function tooCostly(actual: number, limit: number): GraphQLError {
  return refusal(
    'QUERY_TOO_COSTLY',
    `this operation may cost ${actual} units; at most ${limit} are allowed: ask for shorter lists`,
    {
      unit: 'units of cost',
      actual,
      limit,
    },
  );
}

function rateLimited(unit: string, budget: Budget, key: string): GraphQLError {
  const { resetSeconds: retryAfterSeconds } = budget.remainderOf(key);
  const limit = budget.perMinuteMax;
  return refusal('RATE_LIMITED', `at most ${limit} ${unit} a minute; try again in ${retryAfterSeconds} s`, {
    unit,
    limit,
    retryAfterSeconds,
  });
}

function keyOf({ caller, address }: Asker): string {
  return caller.kind === 'anonymous' ? networkOf(address) : `${caller.kind} ${caller.tenantId} ${caller.agentId}`;
}
