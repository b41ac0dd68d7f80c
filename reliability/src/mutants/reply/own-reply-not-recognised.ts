import * as original from '../../../../services/ingest/src/thread/echo.domain.ts';

export * from '../../../../services/ingest/src/thread/echo.domain.ts';

/** Does not compare messages with replies of unknown outcome. */
export const decideEcho: typeof original.decideEcho = (message, replies) =>
  original.decideEcho(
    message,
    replies.filter((reply) => reply.status === 'sending' || reply.externalMessageId !== null),
  );
