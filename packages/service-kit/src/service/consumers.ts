import { isUuid, type TenantId, type TopicName } from '@crossdesk/contracts';
import type { Audit } from '../audit/audit.ts';
import type { Running } from '../broker/broker.port.ts';
import type { RequestContext } from '../caller/request-context.ts';
import { signedIn } from '../caller/signed-in.ts';
import { type ConsumerDeps, startConsumer } from '../consumer/consumer.ts';
import { consumedTopics, type ConsumerSpec } from '../consumer/consumer.port.ts';
import { replayKey, type ReplayResult } from '../consumer/dead-letters.ts';
import type { Database } from '../db/database.ts';
import type { Stoppable } from '../runtime/shutdown.ts';

interface ConsumerEntry {
  readonly topics: readonly TopicName[];
  start(): Promise<Running>;
  replay(tenantId: TenantId, key: string): Promise<ReplayResult>;
}

/** The consumers of one service: declared first, started together. */
export interface Consumers<Tables> {
  declare(spec: ConsumerSpec<Tables>): void;
  list(): { readonly name: string; readonly topics: readonly TopicName[] }[];
  start(): Promise<void>;
  replay(request: Pick<RequestContext, 'caller'>, consumer: string, key: string): Promise<ReplayResult | null>;
  /** The problems that stop running consumers. */
  problems(): string[];
  running(): Stoppable[];
}

export function createConsumers<Tables>(
  deps: ConsumerDeps<Tables> & { readonly db: Database<Tables> },
  audit: Audit,
): Consumers<Tables> {
  const { db } = deps;
  const declared = new Map<string, ConsumerEntry>();
  const running = new Map<string, Running>();
  return {
    declare: (spec) => {
      declared.set(spec.name, {
        topics: consumedTopics(spec),
        start: () => startConsumer(deps, spec),
        replay: (tenantId, key) => replayKey(db, spec, tenantId, key),
      });
    },
    list: () => [...declared].map(([name, { topics }]) => ({ name, topics })),
    start: async () => {
      for (const [name, entry] of declared) running.set(name, await entry.start());
    },
    replay: async (request, consumer, key) => {
      const entry = declared.get(consumer);
      if (entry === undefined) return null;
      const actor = signedIn(request);
      // Each event has a transaction of its own: the audit entry of the request is written before the first of them.
      const deed = { actor, action: 'replayDeadLetters', targetId: isUuid(key) ? key : null };
      await db.forTenant(actor.tenantId, async (trx) => audit.note(trx, deed));
      return entry.replay(actor.tenantId, key);
    },
    problems: () =>
      [...running].flatMap(([name, { problem }]) => {
        const found = problem();
        return found === null ? [] : [`${name}: ${found}`];
      }),
    running: () => [...running].map(([name, { stop }]) => ({ name, stop })),
  };
}
