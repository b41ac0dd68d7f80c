import type { RuleId, TenantId } from '@crossdesk/contracts';
import type { Transaction } from 'kysely';
import type { Audit } from '../audit/audit.ts';
import { actorOf } from '../caller/principal.ts';
import type { Database } from '../db/database.ts';
import { signedIn } from '../caller/signed-in.ts';
import type { RequestContext } from '../caller/request-context.ts';
import { causedByEvent, causedByRequest, causedOutside } from '../outbox/outbox.ts';
import type { Command, CommandCall, Outcome } from './command.port.ts';
import type { Refused } from './decision.domain.ts';
import { refuseLimited, refuseWithheld } from './person.ts';

type AnyOutcome = Outcome<unknown, string>;

/**
 * Carries out commands for every kind of caller. Each command that did something becomes an entry on the audit chain,
 * under the name of the mutation that does the same (`action`).
 */
export interface Commands<Tables> {
  /**
   * For a mutation: in a transaction that sees the caller's tenant only. A caller whose custom role is limited is refused
   * unless the service opens the mutation to them (ADR 0087), or if it withholds the permission (ADR 0104). @throws GraphQLError UNAUTHENTICATED
   */
  asked<Result extends AnyOutcome>(
    request: RequestContext,
    action: string,
    command: Command<Tables, Result>,
  ): Promise<Result | Refused<'FORBIDDEN'>>;
  /**
   * For a consumer: carries out the decision of a rule in the consumer's transaction. Its events are caused by the
   * consumed event.
   */
  decided<Result extends AnyOutcome>(
    trx: Transaction<Tables>,
    cause: Parameters<typeof causedByEvent>[0] & { readonly event: { readonly tenantId: TenantId } },
    ruleId: RuleId,
    action: string,
    command: Command<Tables, Result>,
  ): Promise<Result>;
  /** For due work and jobs: as the system, in a transaction of its own. */
  due<Result extends AnyOutcome>(tenantId: TenantId, action: string, command: Command<Tables, Result>): Promise<Result>;
  /** In a transaction that the caller has opened and commits. */
  carryOut<Result extends AnyOutcome>(
    call: CommandCall<Tables>,
    action: string,
    command: Command<Tables, Result>,
  ): Promise<Result>;
}

/** The call behind a request. @throws GraphQLError UNAUTHENTICATED */
export function callOf<Tables>(request: RequestContext, trx: Transaction<Tables>): CommandCall<Tables> {
  return { trx, actor: signedIn(request), origin: causedByRequest(request) };
}

export function createCommands<Tables>(
  { asWorker, forTenant }: Pick<Database<Tables>, 'asWorker' | 'forTenant'>,
  audit: Audit,
  openToLimited: readonly string[],
): Commands<Tables> {
  const carryOut: Commands<Tables>['carryOut'] = async (call, action, command) => {
    const outcome = await command(call);
    if (outcome.ok && outcome.did !== null) audit.note(call.trx, { actor: call.actor, action, targetId: outcome.did });
    return outcome;
  };
  return {
    carryOut,
    asked: async (request, action, command) => {
      const caller = signedIn(request);
      const limited = openToLimited.includes(action) ? null : refuseLimited(caller);
      const refusal = limited ?? refuseWithheld(caller, action);
      return refusal ?? forTenant(caller.tenantId, (trx) => carryOut(callOf(request, trx), action, command));
    },
    decided: (trx, cause, ruleId, action, command) => {
      const actor = { kind: 'automation', tenantId: cause.event.tenantId, ruleId } as const;
      return carryOut({ trx, actor, origin: causedByEvent(cause, actorOf(actor)) }, action, command);
    },
    due: async (tenantId, action, command) => {
      const actor = { kind: 'system', tenantId } as const;
      const origin = causedOutside(actorOf(actor));
      return asWorker((trx) => carryOut({ trx, actor, origin }, action, command));
    },
  };
}
