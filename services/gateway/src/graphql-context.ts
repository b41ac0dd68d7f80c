import type { RequestContext } from '@crossdesk/service-kit';
import type { Presence } from './presence/presence.ts';
import type { NodeLoader } from './node/node.loader.ts';
import type { AskService } from './operator/ask-service.ts';

/** The context of the gateway's own resolvers. */
export interface GraphqlContext {
  readonly request: RequestContext;
  readonly ask: AskService;
  readonly nodes: NodeLoader;
  readonly presence: Presence;
}
