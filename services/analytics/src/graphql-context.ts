import type { RequestContext, ServiceRuntime } from '@crossdesk/service-kit';
import type { Tables } from './db.ts';

export interface GraphqlContext {
  readonly request: RequestContext;
  readonly app: { readonly runtime: ServiceRuntime<Tables> };
}
