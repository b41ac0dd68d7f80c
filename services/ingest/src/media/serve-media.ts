import { create as contentDisposition } from 'content-disposition';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { parse as parseRange } from 'range-parser';
import type { IngestDeps } from '../deps.ts';
import type { ByteRange } from './byte-store.ts';
import type { MediaLink } from './media-links.ts';
import { isShownInline, unknownType } from './media.domain.ts';
import { namesOf } from './media-names.ts';
import { findMedia, type MediaRow } from './media.store.ts';

interface MediaParams {
  readonly token: string;
}

/** Nothing in a file runs, whatever it contains: only pictures, sounds and videos are shown, without scripts. */
const safeHeaders = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; sandbox",
  'referrer-policy': 'no-referrer',
  // Pages of other sites show it: who has the address may read it.
  'cross-origin-resource-policy': 'cross-origin',
  'access-control-allow-origin': '*',
};

/** `GET /media/:token`: a file or its thumbnail, at the address that `Media.url` names. */
export function mountMedia(http: FastifyInstance, deps: IngestDeps): void {
  http.get<{ Params: MediaParams }>('/media/:token', async (request, reply) => {
    const link = deps.media.links.read(request.params.token, deps.runtime.clock.now());
    if (link === null) return refuse(reply, 403);
    const { tenantId, messageId } = link;
    const [row] = await deps.runtime.db.forTenant(tenantId, (trx) => findMedia(trx, tenantId, [messageId]));
    return row?.state === 'ready' ? serve(deps, link, row, request, reply) : refuse(reply, 404);
  });
}

function refuse(reply: FastifyReply, status: number): FastifyReply {
  return reply.code(status).headers(safeHeaders).header('cache-control', 'no-store').send();
}

async function serve(
  deps: IngestDeps,
  link: MediaLink,
  row: MediaRow,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const isFile = link.part === 'file';
  const names = namesOf(row);
  const range = isFile ? rangeOf(request.headers.range, row.bytes ?? 0) : null;
  if (range === 'unsatisfiable') return refuse(reply.header('content-range', `bytes */${row.bytes ?? 0}`), 416);
  const content = await deps.media.store.read(isFile ? names.file : names.thumbnail, range);
  if (content === null) {
    deps.runtime.log.error({ messageId: row.message_id }, 'a file is missing in the media store');
    return refuse(reply, 404);
  }
  const ageSeconds = Math.floor((link.expiresAt.getTime() - deps.runtime.clock.now().getTime()) / 1_000);
  const length = range === null ? row.bytes : range.end - range.start + 1;
  return reply
    .code(range === null ? 200 : 206)
    .headers({
      ...safeHeaders,
      ...typeHeaders(row, isFile),
      ...(isFile ? { 'accept-ranges': 'bytes', 'content-length': length ?? 0 } : {}),
      ...(range === null ? {} : { 'content-range': `bytes ${range.start}-${range.end}/${row.bytes ?? 0}` }),
      'cache-control': `private, max-age=${ageSeconds}, immutable`,
    })
    .send(content);
}

/** No part of the file is asked for, in a header that is well-formed. */
const unsatisfiableCode = 2;

/** Players ask for parts. A header that asks for anything else than one part is answered with the whole file. */
function rangeOf(header: string | undefined, size: number): ByteRange | 'unsatisfiable' | null {
  if (header === undefined || size === 0) return null;
  const { type, ranges, code } = parseRange(size, header);
  if (type !== 'bytes') return null;
  const [range, ...others] = ranges;
  if (range === undefined) return code === unsatisfiableCode ? 'unsatisfiable' : null;
  return others.length > 0 ? null : { start: range.start, end: range.end };
}

function typeHeaders({ mime_type, thumbnail_type, file_name }: MediaRow, isFile: boolean) {
  const type = (isFile ? mime_type : thumbnail_type) ?? unknownType;
  const isInline = isShownInline(type);
  return {
    'content-type': isInline ? type : unknownType,
    'content-disposition': contentDisposition(isFile ? (file_name ?? undefined) : undefined, {
      type: isInline ? 'inline' : 'attachment',
    }),
  };
}
