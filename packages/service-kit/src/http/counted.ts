import { type Expression, sql, type Transaction } from 'kysely';
import type { Connection } from './graphql.ts';

/** Counting ends here: what people need to know is "more than a thousand". */
export const countMax = 1_000;

/** A page of a list that can be counted. */
export interface CountedConnection<Node> extends Connection<Node> {
  /** Counts up to `countMax + 1`, once, and only if somebody asks. */
  count(): Promise<number>;
}

export function counted<Node>(connection: Connection<Node>, read: () => Promise<number>): CountedConnection<Node> {
  let counting: Promise<number> | null = null;
  return {
    ...connection,
    count: () => {
      counting ??= read();
      return counting;
    },
  };
}

/** Counts the rows of a statement, up to `countMax + 1`. */
export async function countRows<Tables>(trx: Transaction<Tables>, statement: Expression<unknown>): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from (${statement} limit ${countMax + 1}) as counted`.execute(trx);
  return rows[0]?.count ?? 0;
}

/** The resolvers of the fields that every counted connection has. */
export const countResolvers = {
  totalCount: async ({ count }: Pick<CountedConnection<unknown>, 'count'>) => Math.min(await count(), countMax),
  isTotalCountExact: async ({ count }: Pick<CountedConnection<unknown>, 'count'>) => (await count()) <= countMax,
};
