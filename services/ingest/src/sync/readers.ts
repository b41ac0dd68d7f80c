import { type NormalisedMessage, type Page, sweepThreads } from '@crossdesk/channels/adapters';
import type { AccountContext } from '../account/connected-account.ts';
import type { IngestDeps } from '../deps.ts';
import { type IncomingFact, messagesListed, ordersListed } from '../fact.ts';
import type { SyncRow } from './sync.store.ts';

/** Reads one page of the platform's messages after a cursor. */
export type ReadMessages = (context: AccountContext, cursor: string) => Promise<Page<NormalisedMessage>>;

/** The function that lists messages at the platform; null if the channel has no such list. */
export function messageReaderOf(
  deps: Pick<IngestDeps, 'adapters'>,
  { account }: Pick<AccountContext, 'account'>,
): ReadMessages | null {
  const { threads, messages } = deps.adapters[account.channel];
  if (threads !== null) return sweepThreads.bind(null, threads);
  return messages === null ? null : messages.list;
}

/** Reads one page of the platform's changes after a cursor. */
export type ReadPage = (context: AccountContext, cursor: string) => Promise<Page<IncomingFact>>;

/** The function that reads pages of a kind from the platform; null if the channel has no such list. */
export function readerOf(deps: IngestDeps, kind: SyncRow['kind'], { account }: AccountContext): ReadPage | null {
  const { orders } = deps.adapters[account.channel];
  const { clock } = deps.runtime;
  if (kind === 'orders') {
    if (orders === null) return null;
    return async (context, cursor) => {
      const page = await orders.list(context, cursor);
      return { ...page, items: ordersListed(account, page.items, clock.now()) };
    };
  }
  const list = messageReaderOf(deps, { account });
  if (list === null) return null;
  return async (context, cursor) => {
    const page = await list(context, cursor);
    return { ...page, items: messagesListed(account, page.items, clock.now()) };
  };
}
