import { GraphQLError } from 'graphql';
import type { RequestContext } from '../caller/request-context.ts';
import { signedInAs } from '../caller/signed-in.ts';
import { refuseLimited } from '../command/person.ts';
import type { Database } from '../db/database.ts';
import { counted, type CountedConnection } from '../http/counted.ts';
import { connectionOf, decodeKeyset, encodeKeyset, pageSize } from '../http/graphql.ts';
import { countDeadLetters, listDeadLetters, type ReplayResult } from './dead-letters.ts';

interface DeadLetterNode {
  readonly id: string;
  readonly consumer: string;
  readonly key: string;
  readonly eventType: string | null;
  readonly reason: string;
  readonly attempts: number;
  readonly parkedAt: Date;
}

/** The parked events of the caller's workspace. Supervisors and admins only. */
export async function deadLetterConnection<Tables>(
  { db }: { readonly db: Database<Tables> },
  request: RequestContext,
  args: { readonly first: number; readonly after?: string | null | undefined },
): Promise<CountedConnection<DeadLetterNode>> {
  const { tenantId } = signedInAs(request, 'supervisor', 'admin');
  const first = pageSize(args.first);
  const after = decodeKeyset(args.after);
  const rows = await db.forTenant(tenantId, (trx) => listDeadLetters(trx, tenantId, first, after?.id ?? null));
  const shown = connectionOf(
    rows,
    { first, after: args.after },
    (row) => encodeKeyset({ at: row.parked_at, id: row.id }),
    (row) => ({
      id: row.id,
      consumer: row.consumer,
      key: row.key,
      eventType: row.event_type,
      reason: row.reason,
      attempts: row.attempts,
      parkedAt: row.parked_at,
    }),
  );
  return counted(shown, () => db.forTenant(tenantId, (trx) => countDeadLetters(trx, tenantId)));
}

interface ReplayPayload extends ReplayResult {
  readonly errors: { readonly code: 'NOT_FOUND'; readonly message: string; readonly path: string[] }[];
}

/** What replays the parked events of one key; null when there is no such consumer. */
interface Replays {
  replay(request: RequestContext, consumer: string, key: string): Promise<ReplayResult | null>;
}

/** Processes the parked events of one key again. Supervisors and admins only, who see the whole workspace. */
export async function replayDeadLetters(
  runtime: Replays,
  request: RequestContext,
  input: { readonly consumer: string; readonly key: string },
): Promise<ReplayPayload> {
  const [limited] = refuseLimited(signedInAs(request, 'supervisor', 'admin'))?.errors ?? [];
  if (limited !== undefined) throw new GraphQLError(limited.message, { extensions: { code: limited.code } });
  const result = await runtime.replay(request, input.consumer, input.key);
  if (result !== null) return { ...result, errors: [] };
  const message = `There is no consumer ${input.consumer.slice(0, 100)}: take the name from the list of dead letters.`;
  return { replayedCount: 0, remainingCount: 0, errors: [{ code: 'NOT_FOUND', message, path: ['input', 'consumer'] }] };
}
