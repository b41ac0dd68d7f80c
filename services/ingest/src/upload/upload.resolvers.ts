import { isUuid } from '@crossdesk/contracts';
import { signedIn, toEnum, toPayload } from '@crossdesk/service-kit';
import type { Resolvers } from '../graphql.generated.ts';
import type { GraphqlContext } from '../graphql-context.ts';
import { attachmentIdOf } from './attachment-id.ts';
import { createUpload } from './upload.commands.ts';
import { attachMsMax, putMsMax } from './upload.domain.ts';
import { findUploads, type UploadRow } from './upload.store.ts';

export const uploadResolvers: Resolvers = {
  Query: {
    upload: (_root, { id }, context) => uploadById(id, context),
  },
  Mutation: {
    createUpload: async (_root, { input }, { request, deps }) => {
      const wanted = { ...input, purpose: purposes[input.purpose] };
      const outcome = await deps.runtime.commands.asked(request, 'createUpload', (call) =>
        createUpload(deps, call, wanted),
      );
      return { ...toPayload('upload', outcome), clientMutationId: input.clientMutationId };
    },
  },
  Upload: {
    __resolveReference: ({ id }, context) => uploadById(id, context),
    state: ({ state }) => stateNames[state],
    purpose: ({ purpose }) => toEnum(purpose),
    putUrl: (row, _args, { deps }) =>
      isWaiting(row)
        ? deps.uploads.links.addressOf({ tenantId: row.tenant_id, uploadId: row.id, expiresAt: after(row, putMsMax) })
        : null,
    putUrlExpiresAt: (row) => (isWaiting(row) ? after(row, putMsMax) : null),
    attachmentId: (row, _args, { deps }) => attachmentIdOf(deps.uploads, row),
    attachableUntil: (row) => after(row, attachMsMax),
    fileName: ({ file_name }) => file_name,
    kind: ({ kind }) => (kind === null ? null : toEnum(kind)),
    mimeType: ({ mime_type }) => mime_type,
    durationMs: ({ duration_ms }) => duration_ms,
    sha256: ({ sha256 }) => sha256?.toString('hex') ?? null,
    refusalMessage: ({ refusal_message }) => refusal_message,
  },
};

const purposes = { REPLY: 'reply', NOTE: 'note' } as const;
const stateNames = {
  waiting: 'WAITING',
  storing: 'WAITING',
  ready: 'READY',
  refused: 'REFUSED',
  dropping: 'REFUSED',
} as const;

async function uploadById(id: string, { request, deps }: GraphqlContext): Promise<UploadRow | null> {
  const { tenantId } = signedIn(request);
  if (!isUuid(id)) return null;
  const [row] = await deps.runtime.db.forTenant(tenantId, (trx) => findUploads(trx, tenantId, [id]));
  return row ?? null;
}

function isWaiting({ state }: UploadRow): boolean {
  return stateNames[state] === 'WAITING';
}

function after({ created_at }: UploadRow, ms: number): Date {
  return new Date(created_at.getTime() + ms);
}
