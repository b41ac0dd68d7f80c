import type { Loaders, RequestContext, ServiceRuntime } from '@crossdesk/service-kit';
import type { DB } from './db.ts';

export interface GraphqlContext {
  readonly request: RequestContext;
  readonly loaders: Loaders<DB>;
  readonly app: { readonly runtime: ServiceRuntime<DB> };
}
