import { GraphQLError } from 'graphql';
import type { AuditEntry } from './audit-chain.ts';
import { countEntries, listEntries } from './audit.store.ts';
import type { RequestContext } from '../caller/request-context.ts';
import { signedInAs } from '../caller/signed-in.ts';
import type { Database } from '../db/database.ts';
import { counted, type CountedConnection } from '../http/counted.ts';
import { connectionOf, type EnumName, pageSize, toEnum } from '../http/graphql.ts';

interface AuditEntryNode {
  readonly seq: number;
  readonly at: Date;
  readonly actorKind: EnumName<AuditEntry['actorKind']>;
  readonly actorId: string | null;
  readonly action: string;
  readonly targetId: string | null;
  readonly hash: string;
}

/** What was done in the caller's workspace through this service, newest first. Supervisors and admins only. */
export async function auditConnection<Tables>(
  { db }: { readonly db: Database<Tables> },
  request: RequestContext,
  args: { readonly first: number; readonly after?: string | null | undefined },
): Promise<CountedConnection<AuditEntryNode>> {
  const { tenantId } = signedInAs(request, 'supervisor', 'admin');
  const first = pageSize(args.first);
  const before = decodeSeq(args.after);
  const entries = await db.forTenant(tenantId, (trx) => listEntries(trx, tenantId, first, before));
  const shown = connectionOf(
    entries,
    { first, after: args.after },
    ({ seq }) => Buffer.from(String(seq)).toString('base64url'),
    ({ seq, at, actorKind, actorId, action, targetId, hash }) => {
      return { seq, at, actorKind: toEnum(actorKind), actorId, action, targetId, hash };
    },
  );
  return counted(shown, () => db.forTenant(tenantId, (trx) => countEntries(trx, tenantId)));
}

function decodeSeq(cursor: string | null | undefined): number | null {
  if (cursor === null || cursor === undefined) return null;
  const text = Buffer.from(cursor, 'base64url').toString();
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new GraphQLError('after is not a cursor of this list: take endCursor of the page before', {
    extensions: { code: 'BAD_USER_INPUT' },
  });
}
