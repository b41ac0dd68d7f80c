import type { Attachments, Database, Loaders, RequestContext, ServiceRuntime } from '@crossdesk/service-kit';
import type { AccessTokens } from './workspace/access-token.commands.ts';
import type { Passwords } from './agent/password.ts';
import type { DB } from './db.ts';

/** The dependencies of the resolvers of this service, the same for every operation. */
export interface App {
  readonly runtime: ServiceRuntime<DB>;
  /** For the search alone: few connections, and statements that end early. */
  readonly searchDb: Pick<Database<DB>, 'asWorker'>;
  readonly passwords: Passwords;
  readonly accessTokens: AccessTokens;
  /** Reads what ingest signed about uploaded files. */
  readonly attachments: Attachments;
  /** The setup code that an empty installation prints when it starts. */
  readonly setupCode: string;
  /** A conversation comes back from its snooze at another time than before. */
  readonly nudgeWaker: () => void;
  /** Looks for bulk jobs now. */
  readonly nudgeBulk: () => void;
}

export interface GraphqlContext {
  readonly request: RequestContext;
  readonly app: App;
  readonly loaders: Loaders<DB>;
}
