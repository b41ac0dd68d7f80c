import { AsyncLocalStorage } from 'node:async_hooks';
import { type RawBuilder, sql, type Transaction } from 'kysely';

/** What limits the rows that a caller sees, beside the tenant. */
interface RowLimits {
  readonly agentId: string;
  readonly access: {
    readonly stores: readonly string[] | null;
    readonly reach: 'all' | 'teams' | 'own';
    readonly teams: readonly string[];
  };
}

const limits = new AsyncLocalStorage<RowLimits | null>();

/**
 * Runs the work of a request within the limits of its caller, null for none: each transaction of request code in it sees
 * only what they may see. It is ambient, so that no statement of a resolver can forget it (ADR 0087).
 */
export function withinLimits<Result>(of: RowLimits | null, work: () => Result): Result {
  return limits.run(of, work);
}

/** The settings of a transaction that row-level security compares with, to follow that of the tenant. */
export function limitSettings(): RawBuilder<unknown> {
  const of = limits.getStore() ?? null;
  if (of === null) return sql``;
  const { stores, reach, teams } = of.access;
  return sql`, set_config('app.stores', ${stores === null ? '' : arrayOf(stores)}, true),
    set_config('app.reach', ${reach === 'all' ? '' : reach}, true),
    set_config('app.agent_id', ${of.agentId}, true), set_config('app.teams', ${arrayOf(teams)}, true)`;
}

/**
 * Ends the limits for the rest of the transaction: what follows from a decision (a hand-over to a colleague, the queue
 * of a team) is not limited by what the caller sees. Call it after the decision, before the first write.
 */
export async function liftLimits<Tables>(trx: Transaction<Tables>): Promise<void> {
  if ((limits.getStore() ?? null) === null) return;
  await sql`select set_config('app.stores', '', true), set_config('app.reach', '', true)`.execute(trx);
}

/** An array as Postgres reads it; ids need no quotes. */
function arrayOf(ids: readonly string[]): string {
  return `{${ids.join(',')}}`;
}
