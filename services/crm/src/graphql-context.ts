import type { RequestContext, ServiceRuntime } from '@crossdesk/service-kit';
import type { DB } from './db.ts';
import type { Loaders } from './crm.loaders.ts';

export interface GraphqlContext {
  readonly request: RequestContext;
  readonly app: {
    readonly runtime: ServiceRuntime<DB>;
    readonly suppressionKey: Buffer;
    /** Looks now for customers to compute again, instead of at the next poll. */
    readonly nudgeStats: () => void;
    /** The same for campaigns and their messages. */
    readonly nudgeCampaigns: () => void;
  };
  readonly loaders: Loaders;
}
