import type { TenantId } from '@crossdesk/contracts';
import DataLoader from 'dataloader';
import type { Transaction } from 'kysely';
import type { Database } from '../db/database.ts';
import type { RequestContext } from './request-context.ts';
import { signedIn } from './signed-in.ts';

/** Reads several values of a kind in one statement, by id; absent ones are left out. `more` is for instance a page. */
type Read<Tables, Id, Value, More extends readonly unknown[]> = (
  trx: Transaction<Tables>,
  tenantId: TenantId,
  ids: readonly Id[],
  ...more: More
) => Promise<ReadonlyMap<Id, Value>>;

/** The loads of one operation: all fields that need the same read share one statement, and each value is read once. */
export interface Loaders<Tables> {
  /** Null for an absent value. */
  load<Id extends string, Value, More extends readonly unknown[]>(
    read: Read<Tables, Id, Value, More>,
    id: Id,
    ...more: More
  ): Promise<Value | null>;
  /** For a foreign key or a reference of our own: the value must exist. */
  loadPresent<Id extends string, Value, More extends readonly unknown[]>(
    read: Read<Tables, Id, Value, More>,
    id: Id,
    ...more: More
  ): Promise<Value>;
}

export function createLoaders<Tables>(
  { db }: { readonly db: Pick<Database<Tables>, 'forTenant'> },
  request: RequestContext,
): Loaders<Tables> {
  const loaders = new Map<unknown, Map<string, DataLoader<string, unknown>>>();

  function loaderOf<Id extends string, Value, More extends readonly unknown[]>(
    read: Read<Tables, Id, Value, More>,
    more: More,
  ): DataLoader<Id, Value | null> {
    const ofRead = loaders.get(read) ?? new Map<string, DataLoader<string, unknown>>();
    loaders.set(read, ofRead);
    const key = JSON.stringify(more);
    const loader =
      ofRead.get(key) ??
      new DataLoader<Id, Value | null>(async (ids) => {
        const { tenantId } = signedIn(request);
        const found = await db.forTenant(tenantId, (trx) => read(trx, tenantId, ids, ...more));
        return ids.map((id) => found.get(id) ?? null);
      });
    ofRead.set(key, loader as DataLoader<string, unknown>);
    // The loader was made for this very read.
    return loader as DataLoader<Id, Value | null>;
  }

  const load: Loaders<Tables>['load'] = (read, id, ...more) => loaderOf(read, more).load(id);
  return {
    load,
    loadPresent: async (read, id, ...more) => {
      const value = await load(read, id, ...more);
      if (value === null) throw new Error('a row refers to another that does not exist');
      return value;
    },
  };
}
