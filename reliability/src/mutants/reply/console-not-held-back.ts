import * as original from '../../../../services/ingest/src/thread/echo.domain.ts';

export * from '../../../../services/ingest/src/thread/echo.domain.ts';

/** Treats a message as written in the console while one of our own replies is being sent. */
export const decideEcho: typeof original.decideEcho = (message, replies) => {
  const decision = original.decideEcho(message, replies);
  return decision.kind === 'hold' ? { kind: 'elsewhere' } : decision;
};
