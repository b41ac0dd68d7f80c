import type { ChannelAccountId } from '@crossdesk/contracts';
import type { RequestContext } from '@crossdesk/service-kit';
import type DataLoader from 'dataloader';
import type { AccountDirectory } from './account/account-directory.ts';
import type { AccountRow } from './account/account.store.ts';
import type { ConsentEnd } from './account/consent-end.domain.ts';
import type { IngestDeps } from './deps.ts';
import type { SendPauseRow } from './delivery/send-pause.store.ts';
import type { MediaRow } from './media/media.store.ts';
import type { OrderRow } from './order/order.store.ts';
import type { ResyncPart } from './sync/resync.store.ts';
import type { SyncRow } from './sync/sync.store.ts';
import type { Refusal } from './account/refusal.store.ts';

/** The context of the resolvers of one operation. */
export interface GraphqlContext {
  readonly request: RequestContext;
  readonly deps: IngestDeps;
  readonly directory: AccountDirectory;
  /** Loaders make one read per kind and operation, in the tenant of the caller. */
  readonly accounts: DataLoader<string, AccountRow | null>;
  readonly consentEnds: DataLoader<string, ConsentEnd | null>;
  readonly cursors: DataLoader<string, readonly SyncRow[]>;
  readonly media: DataLoader<string, MediaRow | null>;
  readonly mediaOfNotes: DataLoader<string, MediaRow[]>;
  readonly orders: DataLoader<string, OrderRow | null>;
  readonly pauses: DataLoader<string, readonly SendPauseRow[]>;
  /** The account that a queued reply goes out from. */
  readonly queuedFor: DataLoader<string, ChannelAccountId | null>;
  readonly rawPayloads: DataLoader<string, string | null>;
  readonly resyncParts: DataLoader<string, ResyncPart[]>;
  readonly refusals: DataLoader<string, Refusal | null>;
  readonly wholeTexts: DataLoader<string, string | null>;
}
