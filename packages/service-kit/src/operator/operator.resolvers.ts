import { readFileSync } from 'node:fs';
import { auditConnection } from '../audit/audit-connection.ts';
import type { RequestContext } from '../caller/request-context.ts';
import { deadLetterConnection, replayDeadLetters } from '../consumer/dead-letter-connection.ts';
import { countResolvers } from '../http/counted.ts';
import type { ResolverMap } from '../http/subgraph.ts';
import type { ServiceRuntime } from '../service/service.ts';

interface Asked {
  readonly request: RequestContext;
}

interface Page {
  readonly first: number;
  readonly after?: string | null;
}

export const operatorSdl = readFileSync(new URL('operator.graphql', import.meta.url), 'utf8');

/** What every service answers to the gateway about itself: its dead letters and its audit entries. */
export function operatorResolvers<Tables>(runtime: ServiceRuntime<Tables>): ResolverMap {
  return {
    Query: {
      deadLetters: (_: unknown, page: Page, { request }: Asked) => deadLetterConnection(runtime, request, page),
      auditEntries: (_: unknown, page: Page, { request }: Asked) => auditConnection(runtime, request, page),
    },
    DeadLetterConnection: countResolvers,
    AuditEntryConnection: countResolvers,
    Mutation: {
      replayDeadLetters: (
        _: unknown,
        { input }: { readonly input: { readonly consumer: string; readonly key: string } },
        { request }: Asked,
      ) => replayDeadLetters(runtime, request, input),
    },
  };
}
