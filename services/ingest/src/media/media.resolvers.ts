import { isUuid, type MessageId } from '@crossdesk/contracts';
import { inputId, signedIn, toPayload } from '@crossdesk/service-kit';
import type { Resolvers } from '../graphql.generated.ts';
import { retryMedia } from './media.commands.ts';
import { linkExpiry, type MediaPart } from './media-links.ts';
import type { MediaRow } from './media.store.ts';
import type { GraphqlContext } from '../graphql-context.ts';

export const mediaResolvers: Resolvers = {
  Mutation: {
    retryMedia: async (_root, { input }, { request, deps }) => {
      const messageId = inputId<MessageId>(input.messageId);
      const outcome = await deps.runtime.commands.asked(request, 'retryMedia', (call) =>
        retryMedia(deps, call, messageId),
      );
      return toPayload('media', outcome);
    },
  },
  Message: {
    media: async ({ id, deletedAt = null }, _args, { media, request }) => {
      const maySee = deletedAt === null || signedIn(request).role !== 'agent';
      const row = maySee && isUuid(id) ? await media.load(id) : null;
      return row?.state === 'erased' ? null : row;
    },
  },
  Note: {
    attachments: ({ id }, _args, { mediaOfNotes, request }) => {
      signedIn(request);
      return isUuid(id) ? mediaOfNotes.load(id) : [];
    },
  },
  Media: {
    state: ({ state }) => stateNames[state],
    url: (row, _args, context) => addressOf(context, row, 'file'),
    thumbnailUrl: (row, _args, context) => thumbnailOf(context, row),
    urlExpiresAt: ({ state }, _args, { deps }) => (state === 'ready' ? linkExpiry(deps.runtime.clock.now()) : null),
    mimeType: ({ mime_type }) => mime_type,
    durationMs: ({ duration_ms }) => duration_ms,
    fileName: ({ file_name }) => file_name,
  },
};

const stateNames = { pending: 'PENDING', ready: 'READY', failed: 'FAILED', erased: 'FAILED' } as const;

function addressOf({ deps }: GraphqlContext, { state, tenant_id, message_id }: MediaRow, part: MediaPart) {
  if (state !== 'ready') return null;
  const expiresAt = linkExpiry(deps.runtime.clock.now());
  return deps.media.links.addressOf({ tenantId: tenant_id, messageId: message_id, part, expiresAt });
}

/** A small picture is its own thumbnail. */
function thumbnailOf(context: GraphqlContext, row: MediaRow): string | null {
  if (row.thumbnail_type !== null) return addressOf(context, row, 'thumbnail');
  return row.mime_type?.startsWith('image/') === true && isSmall(row) ? addressOf(context, row, 'file') : null;
}

const smallSide = 320;

function isSmall({ width, height }: MediaRow): boolean {
  return width !== null && height !== null && Math.max(width, height) <= smallSide;
}
