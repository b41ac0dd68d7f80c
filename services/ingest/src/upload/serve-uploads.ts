import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { IngestDeps } from '../deps.ts';
import { attachmentIdOf } from './attachment-id.ts';
import { RefusedBody } from './limited-body.ts';
import { receiveUpload } from './receive-upload.ts';
import { claimUpload, findUploads, releaseUpload, type UploadRow } from './upload.store.ts';

type UploadRoute = { Params: { readonly token: string } };

/** The longest time for all bytes of a file, and how long a request keeps others away from its upload. */
export const uploadMsMax = 600_000;
const leaseMs = uploadMsMax + 60_000;
/** Files that are received at the same time; each takes some buffers of the connection. */
const receivingMax = 64;
const prefix = '/uploads/';

export function isUpload({ raw }: FastifyRequest): boolean {
  return raw.method === 'PUT' && raw.url?.startsWith(prefix) === true;
}

/** Pages of other sites may send files: who has the address may. */
const openHeaders = { 'access-control-allow-origin': '*', 'cache-control': 'no-store' };

/**
 * `PUT /uploads/:token`, the address that `Upload.putUrl` names. 201 with the name to attach the file by; 403 address not
 * ours or expired, 404 dropped, 409 here already or on its way, 408 too slow, 422 refused because of its bytes, 503 try
 * again.
 */
export function mountUploads(http: FastifyInstance, deps: IngestDeps): void {
  let receiving = 0;
  http.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null));
    scope.addHook('onRequest', async (request) => {
      // Fastify refuses types that are repeated or no types. The type that a sender claims means nothing here.
      request.raw.headers['content-type'] = 'application/octet-stream';
    });
    scope.options(`${prefix}:token`, (_request, reply) =>
      reply
        .code(204)
        .headers({ ...openHeaders, 'access-control-allow-methods': 'PUT', 'access-control-allow-headers': '*' })
        .header('access-control-max-age', '600')
        .send(),
    );
    scope.put<UploadRoute>(`${prefix}:token`, async (request, reply) => {
      if (receiving >= receivingMax) return answer(reply.header('retry-after', '5'), 503, busy);
      receiving += 1;
      try {
        return await receive(deps, request, reply);
      } finally {
        receiving -= 1;
      }
    });
  });
}

async function receive(deps: IngestDeps, request: FastifyRequest<UploadRoute>, reply: FastifyReply) {
  const { db, clock } = deps.runtime;
  const link = deps.uploads.links.read(request.params.token, clock.now());
  if (link === null) return answer(reply, 403, expired);
  const { tenantId, uploadId } = link;
  const claimed = await db.forTenant(tenantId, (trx) => claimUpload(trx, tenantId, uploadId, leaseMs));
  if (claimed === null) {
    const rows = await db.forTenant(tenantId, (trx) => findUploads(trx, tenantId, [uploadId]));
    return rows.length === 0 ? answer(reply, 404, dropped) : answer(reply, 409, taken);
  }
  return receiveClaimed(deps, claimed, request, reply);
}

async function receiveClaimed(deps: IngestDeps, claimed: UploadRow, request: FastifyRequest, reply: FastifyReply) {
  try {
    const row = await receiveUpload(deps, claimed, request.raw);
    return row === null ? await answer(reply, 409, taken) : await tell(deps, row, reply);
  } catch (error) {
    await deps.runtime.db.asWorker((trx) => releaseUpload(trx, claimed));
    if (error instanceof RefusedBody)
      return answer(reply, error.code === 'TOO_SLOW' ? 408 : 422, { code: error.code, message: error.message });
    if (!request.raw.destroyed)
      deps.runtime.log.error({ err: error, uploadId: claimed.id }, 'an upload was not stored');
    return answer(reply.header('retry-after', '5'), 503, notStored);
  }
}

function tell({ uploads }: IngestDeps, row: UploadRow, reply: FastifyReply): FastifyReply {
  if (row.refusal !== null) return answer(reply, 422, { code: row.refusal, message: row.refusal_message });
  const { id, kind, mime_type: mimeType, bytes, file_name: fileName } = row;
  const attachmentId = attachmentIdOf(uploads, row);
  return answer(reply, 201, { attachmentId, id, kind: kind?.toUpperCase(), mimeType, bytes, fileName });
}

const expired = {
  code: 'ADDRESS_INVALID',
  message: 'The address is not one of ours or has expired: announce the file again.',
};
const dropped = { code: 'NOT_FOUND', message: 'The upload was dropped: announce the file again.' };
const taken = {
  code: 'ALREADY_UPLOADED',
  message: 'The bytes are here already or on their way in another request: read the state with `upload`.',
};
const busy = { code: 'BUSY', message: 'Too many files are being received: try again in a few seconds.' };
const notStored = { code: 'NOT_STORED', message: 'The file could not be stored: try again in a few seconds.' };

/** A body that was not read to its end would be taken for the next request. */
function answer(reply: FastifyReply, status: number, body: object): FastifyReply {
  const isRead = reply.request.raw.complete;
  return reply
    .code(status)
    .headers({ ...openHeaders, ...(isRead ? {} : { connection: 'close' }) })
    .send(body);
}
