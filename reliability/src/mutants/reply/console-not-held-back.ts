import * as original from '../../../../services/ingest/src/thread/echo.domain.ts';

export * from '../../../../services/ingest/src/thread/echo.domain.ts';

/** Treats a message as written in the console while a reply of ours is on its way. */
export const decideEcho: typeof original.decideEcho = (message, replies) => {
  const decision = original.decideEcho(message, replies);
  return decision.kind === 'hold' ? { kind: 'elsewhere' } : decision;
};
