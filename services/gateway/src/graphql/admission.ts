import { type Caller, networkOf } from '@crossdesk/service-kit';
import { type GraphQLError, OperationTypeNode } from 'graphql';
import { refusal } from '../errors.ts';
import type { GatewayLimits } from '../limits.ts';
import { createBudget } from './budget.ts';
import type { PreparedOperation } from './documents.ts';

export interface Asker {
  readonly caller: Caller;
  readonly address: string;
}

export interface Admission {
  /** Null if this operation may run now, and its cost is charged; otherwise the refusal. */
  admit(asker: Asker, operation: PreparedOperation, variables: Readonly<Record<string, unknown>>): GraphQLError | null;
  /** Counts a bad token against its address; returns a refusal after too many. */
  noteBadToken(address: string): GraphQLError | null;
}

/** The fields that need no token. */
const publicFields: Readonly<Record<OperationTypeNode, readonly string[]>> = {
  [OperationTypeNode.QUERY]: ['__typename', '__schema', '__type'],
  [OperationTypeNode.MUTATION]: ['__typename', 'signIn', 'createWorkspace'],
  [OperationTypeNode.SUBSCRIPTION]: [],
};

/** Decides before planning whether a caller may run an operation, and limits the cost per minute. */
export function createAdmission(limits: GatewayLimits): Admission {
  const costs = createBudget(limits.costPerMinuteMax);
  const attempts = createBudget(limits.authAttemptsPerMinuteMax);

  function chargeAttempts(address: string, count: number): GraphQLError | null {
    const charge = attempts.charge(networkOf(address), count);
    return charge.ok ? null : rateLimited('sign-ins and bad tokens', attempts.perMinuteMax, charge.retryAfterSeconds);
  }

  return {
    noteBadToken: (address) => chargeAttempts(address, 1),
    admit({ caller, address }, operation, variables) {
      const { definition, rootFields } = operation;
      if (caller.kind === 'anonymous') {
        const closed = rootFields.filter((field) => !publicFields[definition.operation].includes(field));
        if (closed.length > 0) return signInFirst(closed);
        const signIns = rootFields.filter(
          (field) => field !== '__typename' && definition.operation === OperationTypeNode.MUTATION,
        );
        const refused = signIns.length === 0 ? null : chargeAttempts(address, signIns.length);
        if (refused !== null) return refused;
      }
      const cost = operation.cost(variables);
      if (cost > limits.costMax) return tooCostly(cost, limits.costMax);
      const charge = costs.charge(keyOf(caller, address), cost);
      return charge.ok ? null : rateLimited('units of cost', costs.perMinuteMax, charge.retryAfterSeconds);
    },
  };
}

function signInFirst(fields: readonly string[]): GraphQLError {
  return refusal(
    'UNAUTHENTICATED',
    `${fields.join(', ')} ${fields.length === 1 ? 'needs' : 'need'} a signed-in caller: send "Authorization: Bearer …" with the accessToken of signIn or an API token`,
  );
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

function rateLimited(unit: string, limit: number, retryAfterSeconds: number): GraphQLError {
  return refusal('RATE_LIMITED', `at most ${limit} ${unit} a minute; try again in ${retryAfterSeconds} s`, {
    unit,
    limit,
    retryAfterSeconds,
  });
}

function keyOf(caller: Caller, address: string): string {
  return caller.kind === 'anonymous' ? networkOf(address) : `${caller.kind} ${caller.tenantId} ${caller.agentId}`;
}
