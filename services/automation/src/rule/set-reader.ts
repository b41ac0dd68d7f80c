import type { TenantId } from '@crossdesk/contracts';
import type { Transaction } from 'kysely';
import type { DB } from '../db.ts';
import { type CompiledSet, compile, emptySet } from './compiled-set.domain.ts';
import { presentSets, readRuleSet } from './rule-set.store.ts';

const setsMax = 200;

/** Reads the present rule sets of workspaces. A set never changes, so it is read and compiled once. */
export function createSetReader() {
  const known = new Map<string, CompiledSet>();
  return async (trx: Transaction<DB>, tenantIds: Iterable<TenantId>): Promise<(tenantId: TenantId) => CompiledSet> => {
    const present = new Map<TenantId, CompiledSet>();
    for (const [tenantId, number] of await presentSets(trx, [...new Set(tenantIds)])) {
      const key = `${tenantId} ${number}`;
      const set = known.get(key) ?? compile(await readRuleSet(trx, tenantId, number));
      // The one that was used last is the last to go.
      known.delete(key);
      known.set(key, set);
      present.set(tenantId, set);
    }
    for (const key of [...known.keys()].slice(0, Math.max(0, known.size - setsMax))) known.delete(key);
    return (tenantId) => present.get(tenantId) ?? emptySet;
  };
}
