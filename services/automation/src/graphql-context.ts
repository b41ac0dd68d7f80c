import type { MessageId } from '@crossdesk/contracts';
import type { RequestContext, ServiceRuntime } from '@crossdesk/service-kit';
import type DataLoader from 'dataloader';
import type { MessageLanguage } from './analysis/analysis.loaders.ts';
import type { Tables } from './db.ts';

export interface GraphqlContext {
  readonly request: RequestContext;
  readonly app: { readonly runtime: ServiceRuntime<Tables> };
  readonly languages: DataLoader<MessageId, MessageLanguage | null>;
}
