import { type NormalisedMessage, type Page, sweepThreads } from '@crossdesk/channels/adapters';
import type { AccountContext } from '../account/connected-account.ts';
import type { IngestDeps } from '../deps.ts';

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
