import type { RequestContext, ServiceRuntime } from '@crossdesk/service-kit';
import type { AccessTokens } from './workspace/access-token.commands.ts';
import type { Passwords } from './agent/password.ts';
import type { DB } from './db.ts';
import type { Loaders } from './graphql.loaders.ts';

/** What the resolvers of this service work with, the same for every operation. */
export interface App {
  readonly runtime: ServiceRuntime<DB>;
  readonly passwords: Passwords;
  readonly accessTokens: AccessTokens;
  /** What an empty installation prints when it starts. */
  readonly setupCode: string;
}

export interface GraphqlContext {
  readonly request: RequestContext;
  readonly app: App;
  readonly loaders: Loaders;
}
