import { PlatformCallError, PlatformRefusal } from '@crossdesk/channels/adapters';
import type { AccountRow } from '../account/account.store.ts';
import type { AccountContext } from '../account/connected-account.ts';
import { type PlatformAccess, readWith } from '../account/platform-access.ts';
import type { IngestDeps } from '../deps.ts';
import { messageReaderOf } from '../sync/readers.ts';
import { findUnknown } from '../sync/missed.store.ts';
import { pushedByNow } from '../sync/missed.domain.ts';
import type { SyncRow } from '../sync/sync.store.ts';
import type { Probe } from './diagnosis.domain.ts';

const probeMsMax = 8_000;

export interface Probed {
  readonly probe: Probe;
  readonly clockAheadMs: number | null;
}

/** Asks the platform for what is new, and records nothing: does it answer, and has a push brought what it lists? */
export async function probePlatform(
  deps: IngestDeps,
  access: PlatformAccess,
  { tenant_id, id }: AccountRow,
  cursors: readonly SyncRow[],
): Promise<Probed> {
  let clockAheadMs: number | null = null;
  const timed = (context: AccountContext): AccountContext => ({
    ...context,
    call: async (request) => {
      const answer = await context.call(request);
      const told = Date.parse(answer.headers['date'] ?? '');
      if (!Number.isNaN(told)) clockAheadMs = told - deps.runtime.clock.now().getTime();
      return answer;
    },
  });
  const ask = async (): Promise<Probe> => {
    const context = await access.open(tenant_id, id);
    return context === null ? refused : read(deps, access, timed(context), cursors);
  };
  const probe = await inTime(ask()).catch(failureOf);
  return { probe, clockAheadMs };
}

const refused: Probe = { result: 'failed', reason: 'unauthorised', detail: 'the platform refuses the token' };

async function read(
  deps: IngestDeps,
  access: PlatformAccess,
  context: AccountContext,
  cursors: readonly SyncRow[],
): Promise<Probe> {
  const { account } = context;
  const { orders, webhooks } = deps.adapters[account.channel];
  const cursorOf = (kind: SyncRow['kind']) => cursors.find((row) => row.kind === kind)?.cursor ?? '';
  const list = messageReaderOf(deps, context);
  if (list === null) {
    if (orders === null) return { result: 'not-made' };
    const answer = await readWith(access, context, (fresh) => orders.list(fresh, cursorOf('orders')));
    return answer === null ? refused : { result: 'answered', unseen: 0 };
  }
  const from = cursorOf('messages');
  const answer = await readWith(access, context, (fresh) => list(fresh, from));
  if (answer === null) return refused;
  const now = deps.runtime.clock.now();
  const expected = pushedByNow(answer.read.items, { from, pushes: webhooks !== null, now });
  const unseen = await deps.runtime.db.asWorker((trx) => findUnknown(trx, account, expected));
  return { result: 'answered', unseen: unseen?.count ?? 0 };
}

function inTime(asked: Promise<Probe>): Promise<Probe> {
  const { promise, resolve } = Promise.withResolvers<Probe>();
  const late = { result: 'failed', reason: 'unreachable', detail: `no answer within ${probeMsMax / 1_000} s` } as const;
  const timer = setTimeout(() => resolve(late), probeMsMax);
  return Promise.race([asked, promise]).finally(() => clearTimeout(timer));
}

function failureOf(error: unknown): Probe {
  if (error instanceof PlatformRefusal) return { result: 'failed', reason: error.kind, detail: error.message };
  if (error instanceof PlatformCallError) return { result: 'failed', reason: 'unreachable', detail: error.message };
  throw error;
}
